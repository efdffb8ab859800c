"""No input is answered with 500, and nothing that is typed becomes markup."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from comments import stamps
from comments.models import Comment
from tests.factories import CommentFactory, PitchFactory, UserFactory

pytestmark = pytest.mark.django_db

STAMP = stamps.fresh(timezone.now() - dt.timedelta(minutes=1))
GUEST = {"body": "Hello", "name": "Hanna", "stamp": STAMP}
NASTY = ["a\x00b", "\x00", "\ud800", "\u202eabc", "\x1b[31m", "[" * 65_536, "\u200b", "a" * 10_001]


def post(client, pitch, **typed):
    return client.post(reverse("comments:post", args=[pitch.code]), {**GUEST, **typed})


def publish():
    Comment.objects.update(state="published", published_at=timezone.now(), held_because="")


@pytest.mark.parametrize("name", ["post", "preview"])
@pytest.mark.parametrize("value", NASTY)
def test_all_fields_take_anything(client, value, name):
    fields = ("body", "name", "email", "site", "about", "subject", "parent", "stamp")
    typed = urlencode(dict.fromkeys(fields, value), errors="surrogatepass")

    response = client.post(
        reverse(f"comments:{name}", args=[PitchFactory().code]),
        typed,
        content_type="application/x-www-form-urlencoded",
    )

    assert response.status_code in (200, 303, 400, 422)  # 400: more than a megabyte in all


@pytest.mark.parametrize("field", ["body", "name", "email", "site", "about", "parent", "stamp"])
def test_any_one_field_takes_a_zero_byte(client, field):
    assert post(client, PitchFactory(), **{field: "\x00a"}).status_code in (303, 422)


@pytest.mark.parametrize("value", NASTY)
def test_any_query_asks_for_no_reply(discussion, value):
    assert "Reply to" not in discussion(CommentFactory().pitch, reply_to=value)


def test_control_characters_are_cleaned_away(client):
    pitch = PitchFactory()

    post(client, pitch, body="a\x00b\u202e c\r\nd", name=" Ha\x07nna\n ")

    comment = pitch.comments.get()
    assert (comment.body, comment.guest_name) == ("ab c\nd", "Hanna")


@pytest.mark.parametrize("body", ["a" * 10_001, "[" * 65_536])
def test_ten_thousand_and_one_characters_are_refused_beside_the_field(client, body):
    pitch = PitchFactory()

    response = post(client, pitch, body=body)

    html = response.content.decode()
    assert response.status_code == 422
    assert f"A comment holds 10000 characters at most; this one has {len(body)}." in html
    assert 'aria-describedby="new-body_helptext new-body_error"' in html
    assert f"{body}</textarea>" in html
    assert not pitch.comments.exists()


def test_ten_thousand_characters_are_taken(client):
    assert post(client, PitchFactory(), body="ä" * 10_000).status_code == 303


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[click](javascript:alert(1))", "<p>[click](javascript:alert(1))</p>\n"),
        ("![x](https://evil.example/x.png)", None),
        ('<b onmouseover="x">', None),
    ],
)
def test_markup_stays_text(client, body, html):
    pitch = PitchFactory()

    post(client, pitch, body=body)

    stored = pitch.comments.get().body_html
    for bad in ("<script", "<img", "<b", 'href="javascript'):
        assert bad not in stored
    if html:
        assert html in stored


def test_links_lend_no_rank(client, discussion):
    pitch = PitchFactory()

    post(client, pitch, body="[a](https://example.org)", site="https://hanna.example")
    publish()

    html = discussion(pitch)
    assert '<a href="https://example.org" rel="nofollow ugc noopener">a</a>' in html
    assert (
        '<a class="comment-name" href="https://hanna.example" rel="nofollow ugc noopener">Hanna</a>'
        in html
    )


@pytest.mark.parametrize(
    "site", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "//", "http://[", "a b"]
)
def test_a_site_must_be_on_the_web(client, site):
    pitch = PitchFactory()

    response = post(client, pitch, site=site)

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"site"}


def test_names_are_escaped(client, discussion):
    pitch = PitchFactory()

    post(client, pitch, name="<b>Hanna</b>", site="https://x.example/?a=1&b=%22%3E")
    publish()

    assert "&lt;b&gt;Hanna&lt;/b&gt;" in discussion(pitch)


def test_a_forged_visitor_cookie_is_nobodys(client):
    client.cookies["visitor"] = "00000000-0000-0000-0000-000000000000:forged"

    assert post(client, PitchFactory()).status_code == 303


@pytest.mark.parametrize("code", ["zzzzzz", "%00", "a" * 5_000, "234567"])
def test_an_unknown_code_is_not_there(client, code):
    client.force_login(UserFactory())

    assert client.post(f"/comments/on/{code}/", GUEST).status_code == 404


@pytest.mark.parametrize("token", ["x", "1", "1.forged", ".", "%00", "9" * 5_000, "%ED%A0%80"])
def test_a_link_to_confirm_that_we_did_not_write_is_not_there(client, token):
    for method in (client.get, client.post):
        assert method(f"/comments/confirm/{token}/").status_code == 404
