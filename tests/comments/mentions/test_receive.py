"""Webmention: what is answered at once, and what the pages of pitches say of it."""

import datetime as dt

import pytest
from django_tasks_db.models import DBTaskResult

from comments.models import Closure, Comment, Mention, Rules
from tests.factories import (
    CommentFactory,
    EventFactory,
    MembershipFactory,
    PitchFactory,
    ProposalFactory,
)

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
SOURCE = "https://blog.example/post"


@pytest.fixture
def pitch():
    return ProposalFactory(pitch__event__slug="neo15").pitch


def send(client, source, target, **extra):
    return client.post("/webmention", {"source": source, "target": target}, **extra)


def address(pitch):
    return SITE + pitch.get_absolute_url()


# --- Where it is said -------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_the_page_of_a_public_pitch_names_its_endpoints(client, pitch, method):
    response = getattr(client, method)(pitch.get_absolute_url())
    assert response["Link"] == f'<{SITE}/webmention>; rel="webmention"'
    assert response["X-Pingback"] == f"{SITE}/pingback"


def test_the_page_of_a_public_pitch_names_its_endpoints_in_the_head(client, pitch):
    head = client.get(pitch.get_absolute_url()).content.decode().partition("</head>")[0]
    assert f'<link rel="webmention" href="{SITE}/webmention">' in head
    assert f'<link rel="pingback" href="{SITE}/pingback">' in head


def test_a_kept_page_names_them_too(client, pitch, settings):
    settings.KEEP_PAGES = True
    for _ in range(2):
        response = client.get(pitch.get_absolute_url())
        assert response["Link"] == f'<{SITE}/webmention>; rel="webmention"'
        assert response["X-Pingback"] == f"{SITE}/pingback"


@pytest.mark.parametrize("trait", ["draft", "hidden", "withdrawn"])
def test_the_page_of_another_pitch_does_not(client, trait):
    pitch = PitchFactory(**{trait: True})
    client.force_login(pitch.owner)
    response = client.get(pitch.get_absolute_url())
    assert not response.has_header("Link")
    assert not response.has_header("X-Pingback")
    assert b"webmention" not in response.content


def test_the_pitch_of_a_draft_event_does_not(client):
    pitch = PitchFactory(event=EventFactory(draft=True))
    client.force_login(MembershipFactory(event=pitch.event).user)
    response = client.get(pitch.get_absolute_url())
    assert response.status_code == 200
    assert not response.has_header("Link")


@pytest.mark.parametrize("path", ["/", "/neo15/", "/neo15/pitches/", "/neo15/program/"])
def test_no_other_page_does(client, pitch, path):
    response = client.get(path, follow=True)
    assert "webmention" not in response.headers.get("Link", "")
    assert not response.has_header("X-Pingback")
    assert b"webmention" not in response.content


# --- What is taken ----------------------------------------------------------------------------


def test_a_mention_is_taken_and_left_to_the_worker(client, pitch, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        response = send(client, SOURCE, address(pitch))
    assert (response.status_code, response["Content-Type"]) == (202, "text/plain; charset=utf-8")
    mention = pitch.mentions.get()
    assert (mention.source, mention.domain) == (SOURCE, "blog.example")
    assert (mention.state, mention.protocol) == ("received", "webmention")
    (task,) = DBTaskResult.objects.all()
    assert task.task_path == "comments.tasks.check_mention"
    assert task.args_kwargs == {"args": [mention.pk], "kwargs": {}}
    assert not pitch.comments.exists()


def test_no_cookie_and_no_token_is_needed(client, pitch):
    response = send(client, SOURCE, address(pitch), headers={"Origin": "https://blog.example"})
    assert response.status_code == 202
    assert not response.cookies


def test_sent_again_it_stays_one_and_is_looked_at_again(client, pitch):
    for source in (SOURCE, f"{SOURCE}#part", "HTTPS://Blog.example:443/post"):
        assert send(client, source, address(pitch)).status_code == 202
    assert Mention.objects.count() == 1
    assert DBTaskResult.objects.count() == 3


def test_another_form_of_the_address_is_the_same_pitch(client, pitch):
    send(client, SOURCE, address(pitch))
    send(client, SOURCE, f"{SITE}/s/{pitch.code}/?x=y#comments")
    assert Mention.objects.count() == 1


def test_one_source_may_mention_two_pitches(client, pitch):
    other = PitchFactory(event=pitch.event)
    send(client, SOURCE, address(pitch))
    send(client, SOURCE, address(other))
    assert Mention.objects.count() == 2


@pytest.mark.parametrize(
    "source",
    [
        "",
        "blog.example/post",
        "ftp://blog.example/",
        "mailto:a@blog.example",
        "http://a:b@blog.example/",
        "http://2130706433/",
        "http://１２７.0.0.1/",
        "http://blog.example/\x00",
        "http://blog.example/" + "a" * 2000,
        "http://blog.example/" + "ä" * 1000,
    ],
)
def test_a_source_that_is_no_web_address_is_refused(client, pitch, source):
    response = send(client, source, address(pitch))
    assert (response.status_code, response["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert not Mention.objects.exists()


@pytest.mark.parametrize(
    "target",
    ["", "x", "https://example.org/", "http://testserver/", "http://testserver/neo15/pitches/",
     "http://testserver/neo15/pitches/zzzzzz/", "http://testserver/\x00"],
)  # fmt: skip
def test_a_target_that_is_no_pitch_of_this_site_is_refused(client, pitch, target):
    assert send(client, SOURCE, target).status_code == 400


@pytest.mark.parametrize("trait", ["draft", "hidden", "withdrawn"])
def test_a_pitch_that_is_not_public_is_refused_like_one_that_is_not_there(client, pitch, trait):
    hidden = send(client, SOURCE, address(PitchFactory(**{trait: True})))
    nothing = send(client, SOURCE, f"{SITE}/neo15/pitches/zzzzzz/")
    assert hidden.status_code == nothing.status_code == 400
    assert hidden.content == nothing.content


def test_source_and_target_may_not_be_the_same_page(client, pitch):
    for source in (address(pitch), f"{address(pitch)}#top", f"{SITE}/s/{pitch.code}/"):
        assert send(client, source, address(pitch)).status_code == 400


@pytest.mark.parametrize("data", [{}, {"source": SOURCE}, {"target": SITE}])
def test_what_lacks_an_address_is_refused(client, data):
    assert client.post("/webmention", data).status_code == 400


def test_what_is_too_long_is_refused(client, pitch):
    data = {"source": SOURCE, "target": address(pitch), "more": "x" * 17_000}
    assert client.post("/webmention", data).status_code == 400


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"source=%FF%FE&target=%ED%A0%80", "application/x-www-form-urlencoded"),
        (b"source=\xff\x00", "application/x-www-form-urlencoded"),
        (b"source=a", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b'{"source": 1}', "application/json"),
        (b"&" * 5000, "application/x-www-form-urlencoded"),
    ],
)
def test_nonsense_is_refused(client, body, kind):
    assert client.post("/webmention", body, content_type=kind).status_code == 400


@pytest.mark.parametrize("path", ["/webmention", "/pingback"])
def test_both_take_post_only(client, path):
    assert [getattr(client, method)(path).status_code for method in ("get", "put", "delete")] == [
        405
    ] * 3


def close(pitch, how):
    if how == "rules":
        Rules.objects.create(event=pitch.event, takes_mentions=False)
    elif how == "closure":
        Closure.objects.create(pitch=pitch)
    else:
        field, value = how
        setattr(pitch.event, field, value)
        pitch.event.save()


CLOSED = ["rules", "closure", ("comment_policy", "nobody"), ("state", "archived")]


@pytest.mark.parametrize("how", CLOSED)
def test_where_no_mentions_are_taken_a_new_one_is_refused(client, pitch, how):
    close(pitch, how)
    assert send(client, SOURCE, address(pitch)).status_code == 400
    assert not Mention.objects.exists()


@pytest.mark.parametrize("how", CLOSED)
def test_what_was_taken_earlier_is_looked_at_again_even_there(client, pitch, how):
    send(client, SOURCE, address(pitch))
    close(pitch, how)
    assert send(client, SOURCE, address(pitch)).status_code == 202


def test_the_closed_thread_of_a_comment_closes_no_mentions(client, pitch):
    Closure.objects.create(pitch=pitch, root=CommentFactory(pitch=pitch))
    assert send(client, SOURCE, address(pitch)).status_code == 202


def test_too_many_from_one_net_are_refused_with_when_to_come_again(
    client, pitch, settings, monkeypatch
):
    settings.TRUSTED_PROXY_COUNT = 0
    monkeypatch.setattr("comments.mentions.receive.MOST_A_MINUTE", 2)
    for _ in range(2):
        assert send(client, SOURCE, address(pitch)).status_code == 202
    response = send(client, SOURCE, address(pitch), headers={"X-Forwarded-For": "8.8.8.8"})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert send(client, SOURCE, address(pitch), REMOTE_ADDR="198.51.100.7").status_code == 202


def test_one_site_is_not_asked_too_often_whoever_sends(client, pitch, settings, monkeypatch):
    settings.TRUSTED_PROXY_COUNT = 0
    monkeypatch.setattr("comments.mentions.receive.MOST_OF_ONE_SITE", 2)
    answers = [
        send(client, f"{SOURCE}/{net}", address(pitch), REMOTE_ADDR=f"198.51.{net}.7").status_code
        for net in range(3)
    ]
    assert answers == [202, 202, 429]
    assert send(client, "https://other.example/", address(pitch)).status_code == 202


def test_what_was_rejected_is_not_looked_at_again(client, pitch):
    send(client, SOURCE, address(pitch))
    DBTaskResult.objects.all().delete()
    comment = CommentFactory(pitch=pitch, state=Comment.State.SPAM)
    Mention.objects.update(state="verified", comment=comment)
    assert send(client, SOURCE, address(pitch)).status_code == 202  # nobody learns of it
    assert not DBTaskResult.objects.exists()
    assert Mention.objects.get().state == "rejected"


def test_the_time_of_the_last_word_is_kept(client, pitch):
    send(client, SOURCE, address(pitch))
    Mention.objects.update(received_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    send(client, SOURCE, address(pitch))
    assert Mention.objects.get().received_at.year > 2020
