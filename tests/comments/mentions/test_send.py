"""Telling pages elsewhere, against real servers on loopback."""

import datetime as dt
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from urllib.parse import parse_qsl

import pytest
from django.db import connection

from comments.mentions import scan, send
from comments.models import Outgoing
from sessions import content, pitching
from sessions.models import Pitch
from tests.factories import PitchFactory, ProposalFactory
from tests.factories.program import NOW
from tests.webserver import Answer, WebServer

HOUR = dt.timedelta(hours=1)
State = Outgoing.State

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    settings.SEND_MENTIONS = True
    settings.SITE_URL = "https://wand.example"
    with WebServer() as server:
        settings.FETCH_ALLOWED = frozenset({server.netloc})
        server["/post"] = '<link rel="webmention" href="/hear">'
        server["/hear"] = Answer(status=202)
        yield server


def outgoing(server, path="/post", **fields):
    return Outgoing.objects.create(
        pitch=fields.pop("pitch", None) or PitchFactory(),
        target=server.url + path,
        due_at=NOW,
        **fields,
    )


def posts(server):
    return [(ask.path, dict(parse_qsl(ask.body.decode()))) for ask in server.asked if ask.body]


def standing(row):
    row.refresh_from_db()
    return row.state, row.failure


def pings(server):
    return [xmlrpc.client.loads(ask.body) for ask in server.asked if ask.method == "POST"]


def fault(code):
    return xmlrpc.client.dumps(xmlrpc.client.Fault(code, "No")).encode()


# --- Webmention -----------------------------------------------------------------------------


def test_a_target_is_told_by_a_form(server):
    row = outgoing(server, "/post?a=ä&b=2#part".replace("ä", "%C3%A4"))
    server["/post?a=%C3%A4&b=2"] = '<a rel="webmention" href="/hear?to=%41&b=1">…</a>'
    server["/hear?to=%41&b=1"] = Answer(b"Thank you", status=201)
    assert send.next_one(NOW)
    source = f"https://wand.example{row.pitch.get_absolute_url()}"
    assert posts(server) == [("/hear?to=%41&b=1", {"source": source, "target": row.target})]
    assert server.asked[-1].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert standing(row) == (State.SENT, "")
    assert (row.endpoint, row.sent_at) == (f"{server.url}/hear?to=%41&b=1", NOW)
    assert not send.next_one(NOW + 100 * HOUR)


def test_a_header_in_strange_letters_names_the_endpoint(server):
    server["/post"] = Answer(headers=[("LinK", "</hear>; rel=webmention")])
    row = outgoing(server)
    send.next_one(NOW)
    assert [path for path, _form in posts(server)] == ["/hear"]
    assert standing(row) == (State.SENT, "")


def test_an_endpoint_is_relative_to_where_redirects_end(server):
    server["/old"] = Answer(status=302, headers=[("Location", "/new/post")])
    server["/new/post"] = '<link rel="webmention" href="hear">'
    server["/new/hear"] = Answer(status=307, headers=[("Location", "/hear")])
    row = outgoing(server, "/old")
    send.next_one(NOW)
    assert [path for path, _form in posts(server)] == ["/new/hear", "/hear"]
    assert posts(server)[-1][1]["target"] == row.target
    assert standing(row) == (State.SENT, "")


def test_a_page_that_names_no_endpoint_is_let_alone(server):
    server["/post"] = "<p>Hello</p>"
    row = outgoing(server)
    assert send.next_one(NOW)
    assert standing(row) == (State.NO_ENDPOINT, "")
    assert not send.next_one(NOW + 100 * HOUR)


def test_an_endpoint_on_loopback_is_not_asked(server, settings):
    with WebServer() as inside:
        server["/post"] = f'<link rel="webmention" href="{inside.url}/hear">'
        row = outgoing(server)
        send.next_one(NOW)
        assert inside.asked == []
    assert standing(row) == (State.FAILED, "address")


def test_the_source_stays_the_same_when_the_title_changes(server):
    row = outgoing(server)
    send.next_one(NOW)
    pitch = row.pitch
    pitch.title = "Another title"
    pitch.save()
    for slug in (pitch.event.slug, "renamed"):
        pitch.event.slug = slug
        pitch.event.save()
        Outgoing.objects.update(state=State.DUE, due_at=NOW)
        send.next_one(NOW)
    first, again, renamed = [form["source"] for _path, form in posts(server)]
    assert first == again
    assert renamed == f"https://wand.example/renamed/pitches/{pitch.code}-another-title/"


# --- Trying again ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "endpoint"),
    [
        (Answer(status=503), None),
        (Answer(status=429), None),
        (lambda connection: connection.close(), None),
        (None, Answer(status=500)),
        (None, lambda connection: connection.close()),
    ],
)
def test_what_may_pass_is_tried_four_times_ever_later(server, page, endpoint):
    server["/post"] = page or server.pages["/post"]
    server["/hear"] = endpoint or server.pages["/hear"]
    row, now = outgoing(server), NOW
    for pause in send.RETRY_AFTER:
        assert send.next_one(now)
        state, failure = standing(row)
        assert (state, row.due_at, bool(failure)) == (State.DUE, now + pause, True)
        assert not send.next_one(row.due_at - dt.timedelta(seconds=1))
        now = row.due_at
    assert send.next_one(now)
    assert standing(row)[0] == State.FAILED
    assert not send.next_one(now + 100 * HOUR)


def test_what_failed_at_first_is_sent_later(server):
    server["/hear"] = Answer(status=502)
    row = outgoing(server)
    send.next_one(NOW)
    server["/hear"] = Answer(status=200)
    send.next_one(NOW + HOUR)
    assert standing(row) == (State.SENT, "")


@pytest.mark.parametrize(
    ("page", "endpoint", "failure"),
    [
        (Answer(status=404), None, "status"),
        (Answer(status=302, headers=[("Location", "/post")]), None, "redirects"),
        (Answer(status=302, headers=[("Location", "//localhost/")]), None, "address"),
        (Answer(b"x" * 2**20 + b"x"), None, "too_large"),
        (None, Answer(status=400), "status"),
        (None, Answer(status=405), "status"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(server, page, endpoint, failure):
    server["/post"] = page or server.pages["/post"]
    server["/hear"] = endpoint or server.pages["/hear"]
    row = outgoing(server)
    send.next_one(NOW)
    assert standing(row) == (State.FAILED, failure)


def test_who_does_not_find_a_link_that_went_has_heard_of_it(server):
    server["/hear"] = Answer(status=400)
    row = outgoing(server, is_linked=False)
    send.next_one(NOW)
    assert standing(row) == (State.SENT, "")


def test_the_row_of_a_killed_worker_comes_again_but_not_for_ever(server):
    row = outgoing(server)
    now = NOW
    for _attempt in range(4):
        send._claim(now)
        assert not send.next_one(now + dt.timedelta(minutes=1))
        now += send.LEASE
    assert send.next_one(now)
    assert server.asked == []
    assert standing(row) == (State.FAILED, "lost")


def test_a_pitch_that_changes_while_its_target_is_told_is_told_again(server):
    row = outgoing(server)
    claimed = send._claim(NOW)
    Outgoing.objects.update(due_at=NOW + HOUR, attempts=0)
    send._record(claimed, send._attempt(claimed, "https://wand.example/"), source="", now=NOW)
    assert standing(row) == (State.DUE, "")
    assert (row.sent_at, row.due_at) == (NOW, NOW + HOUR)


def test_nothing_is_sent_while_sending_is_switched_off(server, settings, django_assert_num_queries):
    settings.SEND_MENTIONS = False
    outgoing(server)
    with django_assert_num_queries(0):
        assert not send.next_one(NOW)
    assert server.asked == []


# --- Pingback -------------------------------------------------------------------------------


@pytest.fixture
def pingback(server):
    server["/post"] = Answer(headers=[("X-Pingback", f"{server.url}/ping")])
    server["/ping"] = xmlrpc.client.dumps(("Thank you",), methodresponse=True).encode()
    return server


def test_a_server_without_webmention_is_pinged(pingback):
    row = outgoing(pingback)
    send.next_one(NOW)
    source = f"https://wand.example{row.pitch.get_absolute_url()}"
    assert pings(pingback) == [((source, row.target), "pingback.ping")]
    assert standing(row) == (State.SENT, "")


@pytest.mark.parametrize(
    ("code", "is_linked", "state"),
    [
        (48, True, State.SENT),
        (17, True, State.FAILED),
        (17, False, State.SENT),
        (16, False, State.SENT),
        (49, False, State.FAILED),
        (50, True, State.DUE),
    ],
)
def test_a_pingback_fault_has_its_meaning(pingback, code, is_linked, state):
    pingback["/ping"] = fault(code)
    row = outgoing(pingback, is_linked=is_linked)
    send.next_one(NOW)
    assert standing(row)[0] == state


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"Thank you",
        b"<methodResponse/>",
        b"<html><params/></html>",
        b"<!DOCTYPE methodResponse><methodResponse><params/></methodResponse>",
        b'<!DOCTYPE x [<!ENTITY e "e">]><methodResponse><params>&e;</params></methodResponse>',
        b'<?xml version="1.0" encoding="none"?><methodResponse><params/></methodResponse>',
        fault(1).replace(b"<int>1<", b"<int>one<"),
        fault(1).replace(b"<int>1</int>", b""),
        b"<a>" * 10_000,
    ],
)
def test_an_answer_that_is_no_xml_rpc_is_a_failure(pingback, answer):
    pingback["/ping"] = answer
    row = outgoing(pingback)
    send.next_one(NOW)
    assert standing(row) == (State.FAILED, "no_xml_rpc")


# --- The whole way --------------------------------------------------------------------------


@pytest.fixture
def pitch(server):
    """A draft that links to /one and /two, and three pages that listen."""
    for path in ("/one", "/two", "/three"):
        server[path] = server.pages["/post"]
    links = f"[one]({server.url}/one) and <{server.url}/two>"
    return ProposalFactory(pitch__draft=True, pitch__body=links).pitch


def worked(now):
    """What the worker does in the minutes after ``now``."""
    scan.pitches(now)
    while send.next_one(now + scan.SETTLING):
        pass


def heard(server):
    """Paths of the targets that were told since the last time."""
    told = [form["target"].removeprefix(server.url) for _path, form in posts(server)]
    server.asked.clear()
    return told


def test_targets_hear_of_publication_change_withdrawal_and_return(server, pitch, client):
    owner = pitch.owner
    worked(NOW)
    assert heard(server) == []

    pitching.publish(pitch, by=owner, now=NOW)
    worked(NOW)
    assert heard(server) == ["/one", "/two"]

    text = replace(content.of(pitch), body=f"<{server.url}/two> <{server.url}/three>")
    pitching.edit(pitch, by=owner, content=text, now=NOW + HOUR)
    worked(NOW + HOUR)
    assert heard(server) == ["/one", "/two", "/three"]

    pitching.withdraw(pitch, by=owner, now=NOW + 2 * HOUR)
    source = Outgoing.objects.first().source.removeprefix("https://wand.example")
    assert client.get(source).status_code == 410
    for hour in (2, 3):
        worked(NOW + hour * HOUR)
        assert heard(server) == (["/two", "/three"] if hour == 2 else [])

    pitching.reopen(pitch, by=owner, now=NOW + 4 * HOUR)
    worked(NOW + 4 * HOUR)
    assert heard(server) == ["/two", "/three"]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_tell_each_target_once(server, pitch):
    Pitch.objects.update(state=Pitch.State.PUBLIC, published_at=NOW)
    barrier = Barrier(4)

    def work(_number):
        try:
            barrier.wait(10)
            scan.pitches(NOW)
            barrier.wait(10)
            return send.next_one(NOW + scan.SETTLING)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [False, False, True, True]
    assert sorted(heard(server)) == ["/one", "/two"]
