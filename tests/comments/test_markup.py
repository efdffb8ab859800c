"""What becomes of the text of a comment."""

import pytest

from comments import markup
from config.lib.text import TooLong
from speakers.models import Profile

OEMER = Profile(name="Ömer Öz", slug="oemer-oez-k7")
ANNA = Profile(name="Anna Kim", slug="anna-kim-k7")
ANNA_LEE = Profile(name="Anna Kim Lee", slug="anna-kim-lee-k7")


def rendered(body, *hosts):
    return markup.rendered(body, hosts=hosts or [OEMER]).strip()


def link(profile, text):
    return f'<a href="/people/{profile.slug}/" rel="nofollow ugc noopener">{text}</a>'


@pytest.mark.parametrize("call", ["@Ömer Öz", "@Ömer", "@ömer öz", "@ÖMER", "@oemer-oez-k7"])
def test_a_host_is_mentioned_by_name_first_name_or_address_in_any_case(call):
    assert rendered(f"Hello ({call}), hello") == f"<p>Hello ({link(OEMER, call)}), hello</p>"


@pytest.mark.parametrize(
    "body",
    [
        "@Nobody",
        "@Ömers",
        "@Ömer-Ali",
        "mail@Ömer",
        "example.org/@Ömer",
        "`@Ömer`",
        "    @Ömer",
        r"\@Ömer",
        "[@Ömer](https://example.org)",
        "[see @Ömer][1]\n\n[1]: https://example.org",
        "<https://example.org/?@Ömer>",
    ],
)
def test_nothing_is_a_mention_that_names_nobody_or_stands_in_code_words_or_links(body):
    assert "/people/" not in rendered(body)


def test_of_two_names_that_fit_the_longer_one_is_meant():
    html = rendered("@Anna Kim Lee and @Anna Kim", ANNA, ANNA_LEE)

    assert html == f"<p>{link(ANNA_LEE, '@Anna Kim Lee')} and {link(ANNA, '@Anna Kim')}</p>"


def test_a_first_name_that_two_hosts_share_mentions_neither():
    assert rendered("@Anna", ANNA, ANNA_LEE) == "<p>@Anna</p>"
    assert rendered("@Anna", ANNA) == f"<p>{link(ANNA, '@Anna')}</p>"


def test_a_name_is_taken_as_it_is_written_and_does_no_harm():
    odd = Profile(name="(A|B) <b>*İ*", slug="odd-k7")

    assert rendered("@(a|b) <b>*İ*", odd) == f"<p>{link(odd, '@(a|b) &lt;b&gt;*İ*')}</p>"
    assert "/people/" not in rendered("@(a|b) <b>*i*", odd)


def test_links_say_that_readers_wrote_them_and_there_are_no_images():
    html = rendered("![x](https://example.org/x.png) [y](javascript:alert(1)) <img src=x>")

    assert "<img" not in html
    assert 'href="javascript' not in html
    assert '<a href="https://example.org/x.png" rel="nofollow ugc noopener">x</a>' in html


def test_headings_stay_below_those_of_the_page():
    assert rendered("# One\n\n## Two") == "<h3>One</h3>\n<h4>Two</h4>"


@pytest.mark.parametrize("body", ["", " \n", "[x]: https://example.org"])
def test_what_shows_nothing_is_refused(body):
    with pytest.raises(markup.Empty, match=r"The text is missing\."):
        markup.rendered(body)


def test_what_is_too_long_is_refused_before_it_is_read():
    with pytest.raises(TooLong):
        markup.rendered("a" * 10_001, hosts=[OEMER])
