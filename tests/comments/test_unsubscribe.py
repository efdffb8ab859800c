"""RFC 8058: one POST ends the mails, from any program, however often; a GET only offers it."""

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client
from post_office.models import Email

from comments import following, notifications, unsubscribing
from comments.models import Follow, Mute, Notice, Pace
from comments.unsubscribing import Kind, Subscription
from tests.comments.test_notifications import noted, person, write
from tests.factories import CommentFactory, PitchFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
URLENCODED = {
    "data": "List-Unsubscribe=One-Click",
    "content_type": "application/x-www-form-urlencoded",
}
MULTIPART = {"data": ONE_CLICK}
BARE = {"data": b"", "content_type": "text/plain"}


@pytest.fixture
def aylin():
    return person("aylin@x.org", profile__name="Aylin Kaya")


@pytest.fixture
def pitch(aylin):
    return PitchFactory(title="Cork", owner=aylin)


@pytest.fixture
def root(pitch):
    return CommentFactory(pitch=pitch)


@pytest.fixture
def of_kind(aylin, pitch, root):
    subscriptions = {
        Kind.PITCH: unsubscribing.pitch(aylin, pitch.pk),
        Kind.THREAD: unsubscribing.thread(aylin, root.pk),
        Kind.ALL: unsubscribing.everything(aylin),
    }
    return lambda kind: subscriptions[kind]


@pytest.fixture
def program():
    """A mail program: no cookie, no token, and Django's CSRF check switched on."""
    return Client(enforce_csrf_checks=True)


def path(subscription):
    return subscription.url.removeprefix(settings.SITE_URL)


def what_is_ended():
    return (
        [follow.state for follow in Follow.objects.all()],
        Mute.objects.count(),
        [pace.choice for pace in Pace.objects.all()],
    )


ENDED = {
    Kind.PITCH: (["muted"], 0, []),
    Kind.THREAD: ([], 1, []),
    Kind.ALL: ([], 0, ["never"]),
}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("body", [URLENCODED, MULTIPART, BARE])
def test_one_click_ends_the_mails_however_often(program, of_kind, kind, body):
    for _again in range(2):
        response = program.post(path(of_kind(kind)), **body)
        assert response.status_code == 200
        assert response.cookies == {}
        assert what_is_ended() == ENDED[kind]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_machine_that_opens_the_link_ends_nothing(program, of_kind, kind, method):
    response = getattr(program, method)(path(of_kind(kind)))

    assert response.status_code == 200
    assert response.cookies == {}
    assert "no-store" in response["Cache-Control"]
    assert what_is_ended() == ([], 0, [])


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Kind.PITCH, "no more mails about the discussion of “Cork”, not even of replies"),
        (Kind.THREAD, "no more mails about this thread below “Cork”."),
        (Kind.ALL, "no more mails about discussions, whatever you host, write or follow."),
    ],
)
def test_a_get_shows_what_the_button_does(program, of_kind, kind, says):
    page = program.get(path(of_kind(kind))).content.decode()

    assert says in page
    assert f'<form method="post" action="{path(of_kind(kind))}">' in page
    assert "aylin" not in page.lower()


@pytest.mark.parametrize("kind", Kind)
def test_it_can_be_taken_back(program, aylin, of_kind, kind):
    program.post(path(of_kind(kind)), ONE_CLICK)
    response = program.post(path(of_kind(kind)), {"resume": "1"})

    assert response.status_code == 200
    assert "You get these mails again" in response.content.decode()
    assert (
        what_is_ended()
        == {
            Kind.PITCH: (["following"], 0, []),
            Kind.THREAD: ([], 0, []),
            Kind.ALL: ([], 0, ["daily"]),
        }[kind]
    )


def test_taking_it_back_leaves_a_pace_that_was_chosen_since(program, aylin, of_kind):
    following.choose(Pace.Choice.AT_ONCE, by=aylin, now=NOW)

    program.post(path(of_kind(Kind.ALL)), {"resume": "1"})

    assert Pace.of(aylin) == Pace.Choice.AT_ONCE


@pytest.mark.parametrize("kind", Kind)
def test_after_it_no_such_mail_is_noted(program, pitch, root, of_kind, kind):
    program.post(path(of_kind(kind)), ONE_CLICK)

    write(pitch, parent=root)

    assert noted() == []


@pytest.mark.parametrize("body", [ONE_CLICK, {"resume": "1"}])
def test_what_is_gone_needs_nothing_and_is_no_error(program, aylin, pitch, root, of_kind, body):
    urls = [path(of_kind(kind)) for kind in Kind]
    pitch.delete()
    for url in urls[:2]:
        assert "This discussion is gone" in program.post(url, body).content.decode()
        assert "This discussion is gone" in program.get(url).content.decode()
    aylin.delete()
    assert program.post(urls[2], body).status_code == 200
    assert what_is_ended() == ([], 0, [])


@pytest.mark.parametrize("method", ["get", "post"])
def test_garbage_is_not_found(program, of_kind, method):
    token = of_kind(Kind.PITCH).token
    value, _dot, signature = token.rpartition(".")
    others = unsubscribing._signer().sign("everything-1-1")
    short = unsubscribing._signer().sign("all-1")
    for garbage in [
        "x",
        value,
        f"{value}9.{signature}",
        token + "x",
        f".{signature}",
        "ä",
        others,
        short,
    ]:
        assert getattr(program, method)(f"/comments/unsubscribe/{garbage}/").status_code == 404


def test_the_link_holds_neither_address_nor_name(of_kind):
    for kind in Kind:
        subscription = of_kind(kind)
        assert Subscription.read(subscription.token) == subscription
        assert "aylin" not in subscription.url.lower()


def test_the_link_is_absolute_and_https_where_the_site_is(of_kind, settings):
    settings.SITE_URL = "https://stellwand.example"

    headers = of_kind(Kind.PITCH).headers

    assert headers["List-Unsubscribe"].startswith("<https://stellwand.example/comments/")
    assert headers["List-Unsubscribe"].endswith("/>")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_link_is_good_after_years(of_kind, program, monkeypatch):
    url = path(of_kind(Kind.PITCH))
    monkeypatch.setattr("time.time", lambda: NOW.timestamp() + 10 * 365 * 86_400)
    assert program.get(url).status_code == 200


@pytest.mark.parametrize(
    ("cause", "pace", "kind"),
    [
        ("reply", "at_once", Kind.THREAD),
        ("host", "at_once", Kind.PITCH),
        ("follow", "at_once", Kind.PITCH),
        ("host", "daily", Kind.ALL),
    ],
)
def test_each_mail_carries_the_link_that_ends_mails_like_it(
    aylin, pitch, root, cause, pace, kind, of_kind
):
    Pace.objects.create(user=aylin, choice=pace)
    if cause == "reply":
        type(root).objects.filter(pk=root.pk).update(author=aylin)
    if cause == "follow":
        following.follow(pitch, by=aylin)
    reply = CommentFactory(parent=root)
    Notice.objects.create(comment=reply, user=aylin, cause=cause, due_at=NOW)

    notifications.send_due(NOW + dt.timedelta(days=1))

    mail = Email.objects.get()
    assert mail.headers == of_kind(kind).headers
    assert mail.message.endswith(f"No more of these mails: {of_kind(kind).url}\n")
