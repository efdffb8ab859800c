"""The writing views: works, needs its person, refuses strangers and GET, shows errors again."""

import datetime as dt
import re
import uuid
from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments import stamps
from comments.models import Ban, Comment, Filter, Rules, TurnedAway
from config.lib.http import VISITOR_COOKIE
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    PitchFactory,
    ProposalFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
STAMP = stamps.fresh(timezone.now() - dt.timedelta(minutes=1))
GUEST = {"body": "So **true**", "name": "Hanna", "email": "h@x.org", "site": "hanna.example"}
TYPED = {**GUEST, "stamp": STAMP}


def url(name, subject):
    key = subject.pk if isinstance(subject, Comment) else subject.code
    return reverse(f"comments:{name}", args=[key])


def page_of(comment):
    return comment.get_absolute_url()


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


# Post


@pytest.fixture
def known(client, visiting):
    """A browser that has something published already; makes a pitch of the same event."""
    comment = CommentFactory(guest=True, visitor=uuid.uuid4())
    visiting(client, comment.visitor)
    return lambda: PitchFactory(event=comment.pitch.event)


def test_first_post_of_a_guest_waits_for_approval_and_leaves_the_visitor_cookie(client):
    pitch = PitchFactory()

    response = client.post(url("post", pitch), TYPED)

    comment = pitch.comments.get()
    assert (response.status_code, response.url) == (303, page_of(comment))
    assert VISITOR_COOKIE in response.cookies
    assert (comment.state, comment.held_because) == ("awaiting_moderation", "first_post")
    assert told(response) == ["Your comment is waiting for approval."]
    assert (comment.guest_name, comment.guest_email, comment.guest_site, comment.body) == (
        "Hanna",
        "h@x.org",
        "https://hanna.example",
        "So **true**",
    )


def test_later_post_of_a_guest_is_published_and_keeps_the_visitor(client, known):
    pitch = known()

    response = client.post(url("post", pitch), TYPED)

    assert pitch.comments.get().is_published
    assert told(response) == ["Thank you, your comment is published."]


def test_post_is_taken_from_the_address_that_moderators_did_not_ban(client):
    pitch = PitchFactory()
    Ban.objects.create(event=pitch.event, email="h@x.org")

    response = client.post(url("post", pitch), TYPED)

    assert response.status_code == 422
    assert "The moderators have shut you out" in response.content.decode()
    assert client.post(url("post", pitch), {**TYPED, "email": ""}).status_code == 303


def test_post_of_a_guest_names_the_missing_address_when_the_event_confirms_it(client):
    pitch = PitchFactory()
    Rules.objects.create(event=pitch.event, first_comment="email")

    response = client.post(url("post", pitch), {**TYPED, "email": ""})
    assert "Your e-mail address is missing." in response.content.decode()

    response = client.post(url("post", pitch), TYPED)
    assert told(response) == ["One more step: open the link in the mail that we have sent you."]
    assert pitch.comments.get().state == Comment.State.AWAITING_EMAIL


def test_post_by_a_member_needs_the_text_only_and_leaves_no_cookie(client):
    pitch, aylin = PitchFactory(), UserFactory()
    client.force_login(aylin)

    response = client.post(url("post", pitch), {"body": "Hello", "name": "Somebody else"})

    assert response.status_code == 303
    assert VISITOR_COOKIE not in response.cookies
    comment = pitch.comments.get()
    assert (comment.author, comment.guest_name) == (aylin, "")


def test_post_twice_makes_one_comment_and_keeps_the_visitor(client):
    pitch = PitchFactory()

    answers = [client.post(url("post", pitch), TYPED) for _twice in range(2)]

    comment = pitch.comments.get()
    assert [a.url for a in answers] == [page_of(comment)] * 2


def test_post_of_a_text_that_stands_there_hands_out_nobodys_cookie(client):
    pitch = PitchFactory()
    client.post(url("post", pitch), TYPED)

    response = type(client)().post(url("post", pitch), TYPED)

    assert VISITOR_COOKIE not in response.cookies
    assert pitch.comments.count() == 1


def test_post_answers_the_named_parent(client):
    parent = CommentFactory()

    client.post(url("post", parent.pitch), {**TYPED, "parent": parent.pk})

    assert parent.replies.get().body == "So **true**"


def test_post_speaks_of_one_of_several_sessions(client):
    first = ProposalFactory()
    second = ProposalFactory(pitch=first.pitch)

    client.post(url("post", first.pitch), {**TYPED, "about": second.code})

    assert first.pitch.comments.get().proposal == second


def test_post_refuses_the_session_of_another_pitch(client):
    first = ProposalFactory()
    ProposalFactory(pitch=first.pitch)

    response = client.post(url("post", first.pitch), {**TYPED, "about": ProposalFactory().code})

    assert response.status_code == 422
    assert "about" in response.context["form"].errors


def test_post_with_htmx_returns_the_whole_discussion_with_the_new_comment(client, known):
    there = CommentFactory(pitch=known(), body_html="<p>There before</p>")

    response = client.post(url("post", there.pitch), TYPED, **HTMX)

    comment = there.pitch.comments.get(guest_name="Hanna")
    html = response.content.decode()
    assert response.status_code == 200
    assert response["HX-Retarget"] == "#discussion"
    assert response["HX-Reswap"] == f"outerHTML show:#comment-{comment.pk}:top"
    assert "2 comments" in html
    assert "There before" in html
    assert reverse("comments:edit", args=[comment.pk]) in html
    assert "Thank you, your comment is published." in html


@pytest.mark.parametrize("htmx", [{}, HTMX])
def test_post_shows_errors_again_with_everything_typed(client, htmx):
    parent = CommentFactory()
    typed = {**TYPED, "name": "", "body": "My **long** text", "site": "javascript:alert(1)"}

    response = client.post(url("post", parent.pitch), {**typed, "parent": parent.pk}, **htmx)

    html = response.content.decode()
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name", "site"}
    assert "My **long** text</textarea>" in html
    assert 'value="h@x.org"' in html
    assert 'value="javascript:alert(1)"' in html
    assert f'name="parent" value="{parent.pk}"' in html
    assert "<!doctype html>" in html if not htmx else "<!doctype html>" not in html
    assert not parent.replies.exists()


def test_post_when_the_parent_is_gone_offers_to_send_it_alone(client):
    parent = CommentFactory(state="removed")

    response = client.post(url("post", parent.pitch), {**TYPED, "parent": parent.pk})

    html = response.content.decode()
    assert response.status_code == 422
    assert "The comment that you answer is gone." in html
    assert "So **true**</textarea>" in html
    assert 'name="parent"' not in html


def test_post_into_the_trap_is_refused_and_shown_again_without_it(client):
    pitch = PitchFactory()

    response = client.post(url("post", pitch), {**TYPED, "subject": "Buy now"})

    html = response.content.decode()
    assert response.status_code == 422
    assert "So **true**</textarea>" in html
    assert "Buy now" not in html
    assert not pitch.comments.exists()
    assert TurnedAway.objects.get().reason == Filter.HONEYPOT


def stamp_in(html):
    return re.search(r'name="stamp" value="([^"]+)"', html)[1]


@pytest.mark.parametrize("htmx", [{}, HTMX])
def test_post_of_an_expired_form_shows_the_text_again_and_one_more_press_sends_it(client, htmx):
    pitch = PitchFactory()
    old = stamps.fresh(timezone.now() - dt.timedelta(hours=25))

    response = client.post(url("post", pitch), {**TYPED, "stamp": old}, **htmx)

    html = response.content.decode()
    assert response.status_code == 422
    assert "This form was open for too long. Your text is still here; send it again." in html
    assert "So **true**</textarea>" in html
    assert 'value="Hanna"' in html
    assert TurnedAway.objects.get().reason == Filter.TIMESTAMP
    response = client.post(url("post", pitch), {**TYPED, "stamp": stamp_in(html)}, **htmx)
    assert response.status_code in (200, 303)
    assert pitch.comments.exists()


@pytest.mark.parametrize("stamp", [None, "", "1:forged", "\ud800:x", "\x00", "9" * 5_000])
def test_post_without_a_stamp_of_ours_gets_one_that_has_to_age(client, stamp):
    pitch = PitchFactory()
    typed = {**GUEST, **({} if stamp is None else {"stamp": stamp})}

    response = client.post(
        url("post", pitch),
        urlencode(typed, errors="surrogatepass"),
        content_type="application/x-www-form-urlencoded",
    )

    assert response.status_code == 422
    again = {**TYPED, "stamp": stamp_in(response.content.decode())}
    answer = client.post(url("post", pitch), again)
    assert "That was very quick" in answer.content.decode()
    assert stamp_in(answer.content.decode()) == again["stamp"]


def test_the_page_stamps_the_form_of_guests_only(client):
    pitch = PitchFactory()
    assert stamp_in(client.get(pitch.get_absolute_url()).content.decode())

    client.force_login(UserFactory())
    assert 'name="stamp"' not in client.get(pitch.get_absolute_url()).content.decode()


def ten(client, pitch, **said):
    for number in range(10):
        response = client.post(url("post", pitch), {**TYPED, "body": f"Comment {number}"}, **said)
        assert response.status_code == 303


def test_the_eleventh_post_of_a_minute_is_429_and_loses_nothing(client, known):
    pitch = known()
    ten(client, pitch)

    response = client.post(url("post", pitch), {**TYPED, "body": "Comment 11"})

    html = response.content.decode()
    assert response.status_code == 429
    assert 50 <= int(response["Retry-After"]) <= 60
    assert "Too many attempts. Please wait 1 minute." in html
    assert "Comment 11</textarea>" in html
    assert pitch.comments.count() == 10


@pytest.mark.parametrize(("proxies", "status"), [(0, 429), (1, 303)])
def test_new_visitors_share_the_net_that_trusted_proxies_name_only(settings, proxies, status):
    settings.TRUSTED_PROXY_COUNT = proxies
    pitch, last = PitchFactory(), ""
    for number in range(11):
        forwarded = {"HTTP_X_FORWARDED_FOR": f"198.51.100.1, 198.51.{number}.7"}
        typed = {**TYPED, "body": f"Comment {number}"}
        last = Client().post(url("post", pitch), typed, **forwarded).status_code

    assert last == status


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"comment_policy": "members"}, "Only people with an account can comment here."),
        ({"comment_policy": "nobody"}, "This pitch takes no comments now."),
        ({"archived": True}, "The event is over, and its discussions are closed."),
    ],
)
def test_post_is_refused_by_the_events_policy_and_the_text_comes_back(client, event, words):
    pitch = PitchFactory(event=EventFactory(**event))

    response = client.post(url("post", pitch), TYPED)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert "So **true**</textarea>" in response.content.decode()
    assert not pitch.comments.exists()


@pytest.mark.parametrize(
    ("typed", "closed", "reason"),
    [
        ({"body": "a" * 10_001}, False, Filter.SIZE),
        ({"body": " "}, True, Filter.SIZE),
        ({}, True, Filter.CLOSED),
        ({"name": ""}, False, None),
    ],
)
def test_what_the_form_turns_away_is_noted_once(client, typed, closed, reason):
    pitch = PitchFactory(event__comment_policy="nobody" if closed else "everyone")

    assert client.post(url("post", pitch), {**TYPED, **typed}).status_code == 422

    noted = TurnedAway.objects.values_list("event", "reason")
    assert list(noted) == ([(pitch.event_id, reason)] if reason else [])


def test_post_of_a_host_below_a_withdrawn_pitch_is_refused(client):
    pitch = PitchFactory(withdrawn=True)
    client.force_login(pitch.owner)

    response = client.post(url("post", pitch), TYPED)

    assert response.status_code == 422
    assert not pitch.comments.exists()


@pytest.mark.parametrize("name", ["post", "preview"])
@pytest.mark.parametrize(
    "hidden", [{"draft": True}, {"hidden": True}, {"withdrawn": True}, {"event__draft": True}]
)
def test_what_cannot_be_seen_takes_no_comment(client, name, hidden):
    assert client.post(url(name, PitchFactory(**hidden)), TYPED).status_code == 404


@pytest.mark.parametrize("name", ["post", "preview"])
def test_post_and_preview_refuse_get(client, name):
    assert client.get(url(name, PitchFactory())).status_code == 405


# Preview


def test_preview_shows_the_text_and_the_form_with_it_and_writes_nothing(client):
    parent = CommentFactory()

    response = client.post(
        url("preview", parent.pitch), {"body": "So **true**", "parent": parent.pk}
    )

    html = response.content.decode()
    assert response.status_code == 200
    assert "<strong>true</strong>" in html
    assert "So **true**</textarea>" in html
    assert "Your name is missing" not in html
    assert not parent.replies.exists()


def test_preview_with_htmx_is_the_text_alone(client):
    response = client.post(url("preview", PitchFactory()), {"body": "So **true**"}, **HTMX)

    html = response.content.decode()
    assert "<strong>true</strong>" in html
    assert "<form" not in html


@pytest.mark.parametrize("body", [" ", "[a]: https://example.org"])
def test_preview_says_what_is_wrong(client, body):
    response = client.post(url("preview", PitchFactory()), {"body": body}, **HTMX)

    assert "The text is missing." in response.content.decode()


def test_preview_shows_whom_the_text_mentions(client):
    host = HostFactory(person__profile__name="Aylin Kaya")

    html = client.post(url("preview", host.pitch), {"body": "@Aylin"}, **HTMX).content.decode()

    assert f'href="{host.person.profile.get_absolute_url()}"' in html


def test_preview_without_htmx_leaves_the_stamp_of_the_form(client):
    html = client.post(url("preview", PitchFactory()), TYPED).content.decode()

    assert stamp_in(html) == STAMP


# Permalink and reply


def test_permalink_leads_to_the_comment_on_the_page(client):
    comment = CommentFactory()

    assert client.get(url("permalink", comment)).url == page_of(comment)


def test_reply_is_the_form_for_htmx_and_the_page_otherwise(client):
    comment = CommentFactory(author__profile__name="Aylin Kaya")

    fragment = client.get(url("reply", comment), **HTMX).content.decode()
    assert fragment.count("<form") == 1
    assert "Reply to Aylin Kaya" in fragment
    assert client.get(url("reply", comment)).url == (
        f"{comment.pitch.get_absolute_url()}?reply_to={comment.pk}#reply-{comment.pk}"
    )


@pytest.mark.parametrize("name", ["permalink", "reply", "like", "unlike", "edit", "delete"])
def test_a_comment_below_a_hidden_pitch_is_not_there(client, name):
    comment = CommentFactory(pitch__hidden=True, author=UserFactory())
    client.force_login(comment.author)
    method = client.post if "like" in name else client.get

    assert method(url(name, comment)).status_code == 404


def test_a_hidden_comment_without_replies_is_not_there(client):
    assert client.get(url("permalink", CommentFactory(state="removed"))).status_code == 404
