"""What a source says of itself, by microformats or by its title; hostile pages cost little."""

import datetime as dt
import time

import pytest

from comments.mentions import parse, reader
from comments.mentions.parse import Kind, Said
from config.lib.fetch import Page

TARGET = "http://testserver/neo15/pitches/abc234-money/"
URL = "https://blog.example/2015/post"


def is_target(url):
    return url.split("#")[0] == TARGET


def page(html, *, charset="utf-8"):
    body = html.encode("utf-8", "surrogatepass") if isinstance(html, str) else html
    return Page(URL, 200, [], body=body, content_type="text/html", charset=charset)


@pytest.fixture
def said(monkeypatch):
    """Reads in this process, which is quicker; one test below starts the other one."""
    monkeypatch.setattr(
        parse, "_entries", lambda html, url: reader.entries(html, url) if "class" in html else []
    )
    return lambda html: parse.said(page(html), is_target)


REPLY = f"""
<!doctype html><title>Money, my answer – Anna's blog</title>
<nav class="h-feed"><a class="p-name" href="/">Blog</a></nav>
<article class="h-entry">
  <h1 class="p-name">Money, my answer</h1>
  <a class="p-author h-card" href="https://anna.example/"><img class="u-photo" src="me.jpg"
     alt="">Anna Schmidt</a>
  <time class="dt-published" datetime="2015-10-01T12:30:00+02:00">1 October</time>
  <p>In reply to <a class="u-in-reply-to" href="{TARGET}">this pitch</a></p>
  <div class="e-content"><p>I <b>agree</b> with
  half of it.<script>alert(1)</script></p></div>
</article>"""


def test_a_reply_has_author_date_title_and_text(said):
    assert said(REPLY) == Said(
        kind=Kind.REPLY,
        author="Anna Schmidt",
        title="Money, my answer",
        text="I agree with half of it.",
        written_at=dt.datetime(2015, 10, 1, 10, 30, tzinfo=dt.UTC),
    )


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ('<a class="u-in-reply-to" href="{}"></a>', Kind.REPLY),
        ('<a class="u-like-of" href="{}"></a>', Kind.LIKE),
        ('<a class="u-like" href="{}"></a>', Kind.LIKE),
        ('<a class="u-repost-of" href="{}"></a>', Kind.REPOST),
        ('<a class="u-bookmark-of" href="{}"></a>', Kind.BOOKMARK),
        ('<a class="u-in-reply-to" href="{}"></a><i class="p-rsvp">yes</i>', Kind.RSVP),
        ('<div class="u-in-reply-to h-cite"><a class="u-url p-name" href="{}">x</a></div>',
         Kind.REPLY),
        ('<div class="p-like-of h-cite"><a class="u-url" href="{}">x</a></div>', Kind.LIKE),
        ('<a class="u-like-of u-in-reply-to" href="{}"></a>', Kind.REPLY),
        ('<a href="{}">x</a>', Kind.MENTION),
        ('<a class="u-like-of" href="https://else.example/"></a><a href="{}">x</a>', Kind.MENTION),
        ('<a class="p-rsvp">yes</a><a href="{}">x</a>', Kind.MENTION),
        ('<a class="u-syndication" href="{}">x</a>', Kind.MENTION),
    ],
)  # fmt: skip
def test_the_kind_is_what_it_says_of_us(said, markup, kind):
    assert said(f'<div class="h-entry">{markup.format(TARGET)}</div>').kind == kind


def test_the_entry_that_speaks_of_us_is_chosen_among_many(said):
    others = '<div class="h-entry"><p class="p-name">Other</p></div>' * 3
    mine = f'<div class="h-entry"><p class="p-name">Mine</p><a class="u-like-of" href="{TARGET}">'
    assert said(f"{others}{mine}</a></div>{others}").title == "Mine"
    linking = f'<p class="p-name">Mine</p><div class="e-content"><a href="{TARGET}">x</a></div>'
    assert said(f'{others}<div class="h-entry">{linking}</div>{others}').title == "Mine"
    assert said(f"<title>Blog</title>{others}").title == "Blog"


def test_an_entry_without_an_author_has_that_of_its_feed_or_of_the_only_card(said):
    entry = f'<div class="h-entry"><a class="u-like-of" href="{TARGET}">x</a></div>'
    assert said(f'<div class="h-feed"><a class="p-author h-card">Ben</a>{entry}</div>').author == (
        "Ben"
    )
    assert said(f'<p class="h-card">Cleo</p>{entry}').author == "Cleo"
    assert said(f'<p class="h-card">Cleo</p><p class="h-card">Dora</p>{entry}').author == ""


def test_an_address_is_nobodys_name(said):
    html = (
        f'<div class="h-entry"><a class="u-author" href="https://anna.example/"></a>{TARGET}</div>'
    )
    assert said(html).author == ""


def test_a_note_has_no_title_of_its_own(said):
    html = f'<title>Blog</title><p class="h-entry"><i class="e-content p-name">Hello {TARGET}</i>'
    assert (said(html).title, said(html).text) == ("Blog", f"Hello {TARGET}")


def test_the_old_microformats_are_read_too(said):
    html = (
        '<div class="hentry"><h2 class="entry-title">Old</h2><a class="url" href="/x">x</a>'
        '<span class="author vcard"><b class="fn">Emil</b></span>'
        f'<div class="entry-content">Look <a href="{TARGET}">here</a></div></div>'
    )
    assert (said(html).title, said(html).author, said(html).text) == ("Old", "Emil", "Look here")


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("2015-10-01", dt.datetime(2015, 10, 1, 12, tzinfo=dt.UTC)),
        ("2015-10-01T10:00:00Z", dt.datetime(2015, 10, 1, 10, tzinfo=dt.UTC)),
        ("2015-10-01 10:00", dt.datetime(2015, 10, 1, 10, tzinfo=dt.UTC)),
        ("2015-10-01T10:00:00-0500", dt.datetime(2015, 10, 1, 15, tzinfo=dt.UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("2015-13-45", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_date_is_read_when_it_is_one(said, date, moment):
    html = f'<p class="h-entry"><time class="dt-published" datetime="{date}">x</time></p>'
    assert said(html).written_at == moment


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>Für &amp; wider</title>", "Für & wider"),
        ("<TITLE lang=de>\n a \n b </TITLE>", "a b"),
        ("<title><b>x</b></title>", "<b>x</b>"),
        ("<title>a\u202eb\x07c</title>", "abc"),
        ("<title>no end", ""),
        ("<title", ""),
        ("<titles>x</titles>", ""),
        ("", ""),
        ("<title>" + "word " * 100 + "</title>", "word " * 38 + "word…"),
    ],
)
def test_a_page_without_microformats_has_its_title(html, title):
    assert parse.said(page(html), is_target) == Said(title=title)


def test_everything_is_cut_and_on_one_line(said):
    parts = {"p-author": "A" * 300, "p-name": "n " * 300, "e-content": "w\nx " * 1000}
    inner = "".join(f'<p class="{name}">{text}</p>' for name, text in parts.items())
    html = f'<div class="h-entry">{inner}<a class="u-like-of" href="{TARGET}">x</a></div>'
    found = said(html)
    assert [len(found.author), len(found.title) <= 200, len(found.text) <= 500] == [80, True, True]
    assert "\n" not in found.text


@pytest.mark.parametrize(
    "html",
    [
        '<p class="h-entry"><a class="u-like-of" href="http://[">x</a><i class="p-author">',
        '<p class="h-entry"><a class="u-like-of" href="\ud800">x</a>',
        '<p class="h-entry"><i class="p-author h-card p-name u-url dt-x e-y"><i class="p-content">',
        '<p class="h-entry p-author h-card u-in-reply-to h-cite">x',
        '<p class="h-entry"><time class="dt-published"><i class="value">25:61',
        '<p class="h-entry">\x00\ufffe<i class="p-name">\x00',
    ],
)
def test_strange_pages_do_no_harm(said, html):
    assert isinstance(said(html), Said)


# --- The guard --------------------------------------------------------------------------------


def test_a_process_of_its_own_reads_the_same():
    assert parse.said(page(REPLY), is_target).author == "Anna Schmidt"


def test_a_page_on_which_the_parser_fails_has_its_title():
    html = '<base href="http://["><title>Hello</title><p class="h-entry"><a class="u-url">x</a>'
    assert parse.said(page(html), is_target) == Said(title="Hello")


HOSTILE = {
    "deep": '<div class="h-entry">' * 20_000,
    "many": '<p class="h-entry">x</p>' * 8_001,
    "unclosed": "<b><i>" * 60 + '<p class="h-entry">',
    "closed by others": '<div class="h-entry"></p><span></b>' * 200,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_a_page_that_is_deep_or_has_many_tags_is_not_parsed(html):
    begun = time.monotonic()
    assert not reader.is_modest(html)
    assert parse.said(page(f"<title>Hello</title>{html}"), is_target) == Said(title="Hello")
    assert time.monotonic() - begun < 5


def test_an_ordinary_page_is_parsed():
    row = "<tr><td><a href=x>1</a><td>2<tr>"
    assert reader.is_modest("<ul>" + "<li>x" * 2_000 + "</ul><table>" + row * 500 + "</table>")


def test_a_page_that_takes_long_in_spite_of_that_is_given_up(monkeypatch):
    monkeypatch.setattr(reader, "is_modest", lambda html: True)
    monkeypatch.setattr(parse, "CPU_SECONDS", 1)
    begun = time.monotonic()
    html = f"<title>Hello</title>{HOSTILE['deep']}"
    assert parse.said(page(html), is_target) == Said(title="Hello")
    assert time.monotonic() - begun < parse.SECONDS


@pytest.mark.parametrize(
    "html",
    ["<" * 500_000, "<title" * 100_000, "<title>" * 100_000, "<!--" * 200_000, "</" * 300_000,
     "h-" * 400_000, "&" * 500_000, "<a " * 300_000],
    ids=range(8),
)  # fmt: skip
def test_nothing_takes_longer_than_its_length(html):
    begun = time.monotonic()
    parse.said(page(html), is_target)
    assert time.monotonic() - begun < 5
