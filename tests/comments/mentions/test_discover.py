"""Where a page wants to hear of links: the cases of webmention.rocks, pingback, hostile pages."""

import time

import pytest

from comments.mentions import discover
from comments.mentions.discover import Endpoint, Protocol
from config.lib.fetch import Page

HERE = "https://blog.example/2026/wall?page=2"


def page(html="", *, links=(), pingback=(), url=HERE, content_type="text/html"):
    headers = [("link", value) for value in links] + [("x-pingback", value) for value in pingback]
    return Page(
        url=url,
        status=200,
        headers=headers,
        body=html.encode(),
        content_type=content_type,
        charset="utf-8",
    )


def heard_at(*args, **kwargs):
    found = discover.endpoint(page(*args, **kwargs))
    return found and found.url


# --- The 23 cases ---------------------------------------------------------------------------


def test_01_a_header_names_a_relative_address_with_a_bare_relation():
    assert heard_at(links=["</hear>; rel=webmention"]) == "https://blog.example/hear"


def test_02_a_header_names_an_absolute_address_with_a_bare_relation():
    assert heard_at(links=["<https://ear.example/in>; rel=webmention"]) == "https://ear.example/in"


def test_03_a_link_element_names_a_relative_address():
    html = '<head><link rel="webmention" href="/hear"></head>'
    assert heard_at(html) == "https://blog.example/hear"


def test_04_a_link_element_names_an_absolute_address():
    html = "<link href=https://ear.example/in rel=webmention />"
    assert heard_at(html) == "https://ear.example/in"


def test_05_an_anchor_names_a_relative_address():
    html = "<p>Linked to us? <a rel='webmention' href='/hear'>Tell us</a></p>"
    assert heard_at(html) == "https://blog.example/hear"


def test_06_an_anchor_names_an_absolute_address():
    html = '<A REL="WebMention" HREF="https://ear.example/in">Tell us</A>'
    assert heard_at(html) == "https://ear.example/in"


def test_08_a_header_quotes_its_relation():
    assert heard_at(links=['</hear>; rel="webmention"']) == "https://blog.example/hear"


def test_09_a_link_element_has_several_relations():
    html = '<link rel="alternate\n webmention\tnext" href="/hear">'
    assert heard_at(html) == "https://blog.example/hear"


def test_10_a_header_has_several_relations():
    assert heard_at(links=['</hear>; rel="next webmention up"']) == "https://blog.example/hear"


def test_11_the_header_wins_over_both_elements():
    html = '<link rel="webmention" href="/second"><a rel="webmention" href="/third">…</a>'
    assert heard_at(html, links=["</first>; rel=webmention"]) == "https://blog.example/first"


def test_12_a_relation_must_be_the_very_word():
    html = '<link rel="not-webmention" href="/no"><a rel="webmention" href="/hear">…</a>'
    links = ['</no>; rel="webmention.old"', "</no>; rel=webmentions"]
    assert heard_at(html, links=links) == "https://blog.example/hear"


@pytest.mark.parametrize(
    "comment",
    [
        '<!-- <a rel="webmention" href="/no">…</a> -->',
        "<!--> --><!---> --!><!-- -- > <link rel=webmention href=/no> -->",
        "<!----><!-- <!-- <link rel=webmention href=/no> -->",
        "<!doctype html [<link]><? <link rel=webmention href=/no ?>",
        "</ <link rel=webmention href=/no>",
    ],
)
def test_13_a_comment_names_nothing(comment):
    html = f'{comment}<a rel="webmention" href="/hear">…</a>'
    assert heard_at(html) == "https://blog.example/hear"


def test_14_escaped_markup_names_nothing():
    html = (
        '<code>&lt;a rel="webmention" href="/no"&gt;…&lt;/a&gt;</code>'
        '<img alt=\'<a rel="webmention" href="/no">\'> 1 < 2 <3 <'
        '<a rel="webmention" href="/hear">…</a>'
    )
    assert heard_at(html) == "https://blog.example/hear"


@pytest.mark.parametrize("href", ['href=""', "href", "href=' '", "href=>"])
def test_15_an_empty_address_is_the_page_itself(href):
    assert heard_at(f"<link rel=webmention {href}>") == HERE


def test_16_an_anchor_before_a_link_element_wins():
    html = '<a rel="webmention" href="/first">…</a><link rel="webmention" href="/second">'
    assert heard_at(html) == "https://blog.example/first"


def test_17_a_link_element_before_an_anchor_wins():
    html = '<link rel="webmention" href="/first"><a rel="webmention" href="/second">…</a>'
    assert heard_at(html) == "https://blog.example/first"


def test_18_there_are_several_headers():
    links = ["</style.css>; rel=preload", "</hear>; rel=webmention", "</later>; rel=webmention"]
    assert heard_at(links=links) == "https://blog.example/hear"


@pytest.mark.parametrize(
    "value",
    [
        "</a?x=1,2>; rel=next, </hear>; rel=webmention",
        '</a>; title="x, </no>; rel=webmention"; rel=up,</hear>;title="\\"";rel="webmention"',
        '</a>;rel="up";rel=webmention, </hear> ; REL = "webmention" ; foo ;; bar=1',
        'rubbish, <no, <no>, "; rel=webmention", </hear>; media=x; rel=webmention',
        "</a>; rel=webmention; anchor='/other', </hear>; anchor=\"#x\"; rel=up",
    ],
)
def test_19_one_header_has_several_values(value):
    links = [value, "</hear>; rel=webmention"]
    assert heard_at(links=links) == "https://blog.example/hear"
    assert heard_at(links=[value]) == (None if "anchor" in value else "https://blog.example/hear")


def test_20_an_element_without_an_address_is_passed_over():
    html = '<link rel="webmention"><a rel="webmention" href="/hear">…</a>'
    assert heard_at(html) == "https://blog.example/hear"


def test_21_the_query_of_the_endpoint_is_kept():
    html = '<link rel="webmention" href="?to=wall&amp;copy=2&copy=3&amp">'
    assert heard_at(html) == "https://blog.example/2026/wall?to=wall&copy=2&copy=3&"


def test_22_an_address_is_relative_to_the_folder_of_the_page():
    html = '<link rel="webmention" href="wall/hear">'
    assert heard_at(html) == "https://blog.example/2026/wall/hear"
    assert heard_at(links=["<../hear>; rel=webmention"]) == "https://blog.example/hear"


# 7 and 23 are questions to the fetching: tests/comments/mentions/test_send.py asks them.


# --- Beyond ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "comment", ["<!-->", "<!--->", "<!---->", "<!-- --!>", "<!doctype>", "</>"]
)
def test_a_comment_ends_where_browsers_end_it(comment):
    assert heard_at(f"{comment}<link rel=webmention href=/hear>") == "https://blog.example/hear"


def test_the_first_of_two_attributes_with_one_name_counts():
    html = "<link rel=webmention href=/hear href=/no rel=no>"
    assert heard_at(html) == "https://blog.example/hear"


@pytest.mark.parametrize(
    "element",
    ["textarea", "template", "script", "noscript", "style", "title", "iframe", "xmp"],
)
def test_text_that_only_looks_like_markup_names_nothing(element):
    hidden = f"<{element}><!-- <link rel=webmention href=/no></{element}s></{element.upper()} >"
    hidden = hidden.replace("<!-- ", "") if element == "template" else hidden
    html = f'{hidden}<link rel="webmention" href="/hear">'
    assert heard_at(html) == "https://blog.example/hear"


def test_what_stands_in_nested_templates_names_nothing():
    html = "<template><template></template><link rel=webmention href=/no></template>"
    assert heard_at(html) is None
    assert heard_at(f"{html}</template><link rel=webmention href=/hear>") is not None


def test_an_icon_with_an_empty_title_hides_nothing():
    html = "<svg><title/><style/></svg><link rel=webmention href=/hear>"
    assert heard_at(html) == "https://blog.example/hear"


@pytest.mark.parametrize("unfinished", ["<!-- ", "<script>", "<a title='", "<plaintext>"])
def test_what_follows_something_unfinished_names_nothing(unfinished):
    assert heard_at(f"{unfinished}<p><link rel=webmention href=/no>") is None


def test_base_holds_for_elements_and_not_for_headers():
    html = '<link rel="webmention" href="hear"><base href="/in/"><base href="/no/">'
    assert heard_at(html) == "https://blog.example/in/hear"
    assert heard_at(html, links=["<hear>; rel=webmention"]) == "https://blog.example/2026/hear"
    assert heard_at('<base href="data:,"><a rel=webmention href=hear>') is not None


@pytest.mark.parametrize("href", ["mailto:me@blog.example", "javascript:1", "http://[::1", "//:80"])
def test_an_address_that_is_none_is_passed_over(href):
    html = f'<link rel="webmention" href="{href}"><a rel="webmention" href="/hear#part">…</a>'
    assert heard_at(html) == "https://blog.example/hear"


def test_only_html_is_searched_and_headers_of_everything():
    html = '<link rel="webmention" href="/no">'
    assert heard_at(html, content_type="text/plain") is None
    assert heard_at(html, content_type="") == "https://blog.example/no"
    links = ["</hear>; rel=webmention"]
    assert heard_at(html, links=links, content_type="application/pdf") is not None


def test_webmention_wins_over_pingback_and_its_header_over_its_element():
    html = '<link rel="pingback" href="https://blog.example/second">'
    pingback = ["https://blog.example/first"]
    assert discover.endpoint(page(html)) == Endpoint(
        "https://blog.example/second", Protocol.PINGBACK
    )
    assert discover.endpoint(page(html, pingback=pingback)) == Endpoint(
        "https://blog.example/first", Protocol.PINGBACK
    )
    both = html + '<a rel="webmention" href="/hear">…</a>'
    assert discover.endpoint(page(both, pingback=pingback)) == Endpoint(
        "https://blog.example/hear", Protocol.WEBMENTION
    )


def test_an_anchor_names_no_pingback_server():
    assert heard_at('<a rel="pingback" href="/no">…</a><link rel="pingback" href="">') is None


@pytest.mark.parametrize(
    "piece", ["<!--", "<a ", "</a ", '<a b="', "<?", "<div>", "&#9", "<textarea></textarea", "<"]
)
def test_a_hostile_page_costs_no_more_than_its_length(piece):
    began = time.process_time()
    heard_at("<a href=" + piece * (2**17 // len(piece)))
    heard_at(piece * (2**17 // len(piece)))
    assert time.process_time() - began < 2


@pytest.mark.parametrize("piece", ["<", ",", "<,", '";', "<a>;x=", '<a>;x="', " ", '\\"', ";a"])
def test_a_hostile_header_costs_no_more_than_its_length(piece):
    began = time.process_time()
    heard_at(links=[piece * (65_000 // len(piece)), '<a>;x="' + piece * (65_000 // len(piece))])
    assert time.process_time() - began < 1
