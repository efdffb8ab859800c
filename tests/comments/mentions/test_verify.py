"""Does the link really stand there? Pages as text, and the errors of real servers."""

import pytest
from django_tasks_db.models import DBTaskResult

from comments import tasks
from comments.mentions import records, verify
from comments.models import Comment, Mention
from config.lib.fetch import Page
from tests.factories import PitchFactory
from tests.factories.program import NOW
from tests.webserver import Answer, WebServer

TARGET = "http://testserver/neo15/pitches/abc234-money/"
URL = "http://testserver.example/a/post"


def links(html, url=URL):
    page = Page(url, 200, [], body=html.encode(), content_type="text/html", charset="utf-8")
    return verify.links(page, lambda url: url.split("#")[0].split("?")[0] == TARGET)


@pytest.mark.parametrize(
    "html",
    [
        f'<a href="{TARGET}">x</a>',
        f"<A HREF={TARGET}>x",
        f"<a\nhref = '  {TARGET}\n'>x",
        f'<a href="{TARGET}?a=b&amp;c=d#comment-1">x</a>',
        f'<a href="{TARGET.replace("/", "&#47;")}">x</a>',
        f'<img src="{TARGET}">',
        f'<video src="{TARGET}"></video>',
        f'<audio src="{TARGET}"></audio>',
        f'<video><source src="{TARGET}"></video>',
        '<base href="http://testserver/neo15/"><a href="pitches/abc234-money/">x</a>',
        '<base href="//testserver/"><base href="/x/"><a href="neo15/pitches/abc234-money/">x</a>',
        '<a href="//testserver/neo15/pitches/abc234-money/">x</a>',
        f'<!-- > --><a href="{TARGET}">x</a>',
        f'<template></template><script></script><a href="{TARGET}">x</a>',
        f'<a title="<!--" href="{TARGET}">x</a>',
    ],
)
def test_a_link_counts_wherever_it_points_here(html):
    assert links(f"<!doctype html><body><p>Hello {html} there")


@pytest.mark.parametrize(
    "html",
    [
        TARGET,
        f"<p>{TARGET}</p>",
        f'<!-- <a href="{TARGET}">x</a> -->',
        f"<script>'<a href=\"{TARGET}\">'</script>",
        f'<style><a href="{TARGET}">x</a></style>',
        f'<template><a href="{TARGET}">x</a></template>',
        f'<textarea><a href="{TARGET}">x</a></textarea>',
        f'<title><a href="{TARGET}">x</a></title>',
        f'<iframe><a href="{TARGET}">x</a></iframe>',
        f'&lt;a href="{TARGET}"&gt;x&lt;/a&gt;',
        f"<a title='<a href=\"{TARGET}\">'>x</a>",
        f'<a data-href="{TARGET}">x</a>',
        f'<a src="{TARGET}">x</a>',
        f'<a href="https://example.org/?u={TARGET}">x</a>',
        f'<a href="{TARGET}more">x</a>',
        f'<a href="https://example.org/" href="{TARGET}">x</a>',
        f'<link href="{TARGET}"><area href="{TARGET}"><iframe src="{TARGET}"></iframe>',
        f'<form action="{TARGET}"><p cite="{TARGET}"><meta content="{TARGET}">',
        f'<video poster="{TARGET}">',
        '<a href="http://[">x</a><a href>x</a><a>x</a>',
        "<a href='/neo15/pitches/abc234-money/'>x</a>",
        f"<a href='{TARGET}'",
        f"<plaintext><a href='{TARGET}'>x</a>",
        "",
    ],
)
def test_nothing_else_counts(html):
    assert not links(f"<!doctype html><body><p>Hello {html}")


# --- With servers -----------------------------------------------------------------------------


@pytest.fixture
def pitch(db):
    return PitchFactory(event__slug="neo15", code="abc234", title="Money")


@pytest.fixture
def server(settings):
    with WebServer() as server:
        settings.FETCH_ALLOWED = frozenset({server.netloc})
        yield server


@pytest.fixture
def mention(pitch, server):
    found, _is_new = records.received(
        pitch, f"{server.url}/post", target=TARGET, protocol=Comment.Origin.WEBMENTION, now=NOW
    )
    return found


def look(mention, *, is_last=True):
    verify.check(mention.pk, now=NOW, is_last=is_last)
    mention.refresh_from_db()
    return mention.state, mention.failure


LINK = f'<title>Post</title><a href="{TARGET}">x</a>'
HTML = [("Content-Type", "text/html")]


def test_one_get_is_enough(server, mention):
    server["/post"] = LINK
    assert look(mention) == ("verified", "")
    assert [(ask.method, ask.path) for ask in server.asked] == [("GET", "/post")]


def test_what_was_looked_at_since_is_not_looked_at_again(server, mention):
    server["/post"] = LINK
    look(mention)
    look(mention)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ("<p>nothing</p>", "no_link"),
        (Answer(LINK.encode(), 410, HTML), "gone"),
        (Answer(LINK.encode(), 404, HTML), "status"),
        (Answer(LINK.encode(), 203, HTML), "status"),
        (Answer(LINK.encode(), 302), "status"),
        (Answer(LINK.encode(), 200, [("Content-Type", "text/plain")]), "kind"),
        (Answer(LINK.encode(), 200, [("Content-Type", "application/json")]), "kind"),
        (Answer(LINK.encode(), 200), "kind"),
        (Answer(status=302, headers=[("Location", "/post")]), "unreachable"),
        (Answer(status=302, headers=[("Location", "http://127.0.0.1/")]), "unreachable"),
        (Answer(status=302, headers=[("Location", "file:///etc/passwd")]), "unreachable"),
        (Answer(b"x" * 1_100_000, 200, HTML), "unreachable"),
    ],
)
def test_what_cannot_be_verified_fails_by_name(server, mention, answer, failure):
    server["/post"] = answer
    assert look(mention, is_last=False) == ("failed", failure)
    assert failure in verify.Failure.values
    assert not Comment.objects.exists()


def nothing(connection):
    """Ends without an answer."""


@pytest.mark.parametrize("answer", [nothing, Answer(status=500), Answer(status=429)])
def test_what_may_pass_is_tried_again_later(server, mention, answer):
    server["/post"] = answer
    with pytest.raises(verify.Later):
        look(mention, is_last=False)
    assert look(mention, is_last=True) == ("failed", "unreachable")


def test_an_address_inside_is_not_asked(server, mention, settings):
    settings.FETCH_ALLOWED = frozenset()
    assert look(mention, is_last=False) == ("failed", "unreachable")
    assert server.asked == []


def test_a_redirect_makes_the_last_site_the_one_that_is_moderated(server, mention, settings):
    with WebServer() as other:
        settings.FETCH_ALLOWED = frozenset({server.netloc, f"localhost:{other.port}"})
        server["/post"] = Answer(
            status=301, headers=[("Location", f"http://localhost:{other.port}/there")]
        )
        other["/there"] = LINK
        look(mention)
    assert (mention.domain, mention.source) == ("localhost", f"{server.url}/post")


# --- The task ---------------------------------------------------------------------------------


def test_the_task_tries_a_few_times_with_growing_pauses(server, mention):
    server["/post"] = nothing
    pauses = []
    for attempt in range(4):
        tasks.check_mention.call(mention.pk, attempt)
        if row := DBTaskResult.objects.first():
            assert row.args_kwargs["args"] == [mention.pk, attempt + 1]
            pauses.append(round((row.run_after - row.enqueued_at).total_seconds() / 60))
            row.delete()
    assert pauses == [1, 15, 240]
    mention.refresh_from_db()
    assert mention.state == "failed"


def test_the_task_of_a_mention_that_is_gone_does_nothing(db):
    tasks.check_mention.call(1)
    assert not Mention.objects.exists()


def test_the_task_waits_in_a_queue_of_its_own_so_that_it_holds_up_no_other(mention, settings):
    tasks.check_mention.enqueue(mention.pk)
    assert DBTaskResult.objects.get().queue_name == settings.ELSEWHERE
