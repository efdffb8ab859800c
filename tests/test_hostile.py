"""Whatever is sent, nothing answers 500: queries, forms, bodies and headers that nobody meant."""

import itertools
import logging
import re
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from sessions.models import Pitch
from tests.factories import (
    CommentFactory,
    MembershipFactory,
    PasskeyFactory,
    PlacementFactory,
    ProposalFactory,
    SlotFactory,
)
from tests.forms import forms_of
from tests.logins import session_of
from tests.quick import QuickClient

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
# As a browser never sends them: percent-encoded already.
NASTY = {
    "a zero byte": "a%00b",
    "only a zero byte": "%00",
    "a lone surrogate": "%ED%A0%80",
    "no UTF-8": "%FF%C0%AF",
    "control characters": "%01%1B%5B31m%7F%C2%85%0D%0A",
    "a turned direction": "%E2%80%AEgnp.exe%E2%81%A6",
    "64 kB of brackets": "%5B" * 65_536,
    "a huge number": "9" * 30,
    "a number below zero": "-1",
    "zero": "0",
    "digits of another script": "%D9%A3%C2%B2",
    "a quote and markup": "%27%22%3E%3Cscript%3E%24%7B%25",
    "the sublimest": "%F0%9F%A7%80%CC%81",
    "nothing": "",
}
WORST = ["a zero byte", "a lone surrogate", "control characters", "a number below zero",
         "a quote and markup"]  # fmt: skip


@pytest.fixture(autouse=True)
def _quick(caplog):
    caplog.set_level(logging.CRITICAL, logger="django.request")
    caplog.set_level(logging.CRITICAL, logger="django.security")
    cache.clear()


@pytest.fixture
def pitch():
    proposal = ProposalFactory(accepted=True, pitch__title="Money", pitch__event__slug="neo")
    proposal.pitch.tags.add("money")
    ProposalFactory(pitch=proposal.pitch, title="Talk of it")
    PlacementFactory(schedule__event=proposal.pitch.event, schedule__version=1, proposal=proposal)
    SlotFactory(event=proposal.pitch.event, number=1)
    CommentFactory(pitch=proposal.pitch, author=proposal.pitch.owner)
    return proposal.pitch


def get_pages(pitch: Pitch) -> dict[str, str]:
    """Every page that reads its query, with what it reads."""
    session = pitch.proposals.first().code
    wall = "q format tag ripeness state order page"
    desk = "q p o e all state__exact event__id__exact _changelist_filters _popup _to_field"
    return {
        "/": "next page",
        "/neo/": wall,
        "/neo/pitches/": wall,
        "/neo/tags/money/": wall,
        f"/neo/people/{pitch.owner.profile.slug}/": wall,
        "/neo/me/": "page next",
        "/neo/program/": "version day page",
        "/neo/program/versions/": "version page",
        f"/neo/program/{pitch.event.starts_on}/": "version page",
        "/neo/program.ics": "version",
        f"/neo/sessions/{session}.ics": "version",
        "/neo/pitches/new/": "title body format next do code",
        "/neo/pitches/new/finish/": "next code",
        f"/neo/pitches/{pitch.code}/": "reply_to page",
        pitch.get_absolute_url(): "reply_to page about",
        f"/neo/pitches/{pitch.code}/edit/": "session do seen",
        f"/neo/pitches/{pitch.code}/withdraw/": "session",
        f"/neo/pitches/{pitch.code}/versions/": "page",
        f"/s/{pitch.code}/": "next",
        f"/people/{pitch.owner.profile.slug}/": "page",
        "/account/login/": "next login",
        "/account/signup/": "next email",
        "/account/login/code/": "next",
        "/account/login/code/confirm/": "next code",
        "/account/password/reset/": "next",
        "/account/2fa/webauthn/login/": "next",
        "/admin/": "next",
        "/admin/login/": "next",
        f"/admin/program/event/{pitch.event.pk}/board/": "held focus",
        f"/admin/program/event/{pitch.event.pk}/history/": "page",
        f"/admin/program/event/{pitch.event.pk}/change/": desk,
        "/admin/program/event/": desk,
        "/admin/program/pitch/": desk + " event tag format",
        "/admin/program/proposal/": desk + " event format ripeness",
        "/admin/comments/comment/": desk + " event",
        "/admin/program/logentry/": desk + " event action__exact",
        "/admin/speakers/user/": desk + " role",
        "/admin/autocomplete/": "term page app_label model_name field_name",
    }


def ask(client, method, url, *args, **kwargs):
    """The answer, and everything as it was before."""
    cache.clear()  # attempts are counted there
    again = QuickClient(**{name: each.value for name, each in client.cookies.items()})
    with transaction.atomic():
        response = again.generic(method.upper(), url, *args, **kwargs)
        transaction.set_rollback(True)
    return response


def failing(asked) -> list[tuple]:
    """The answers that are the site's own fault, each with its exception."""
    return [
        (what, response.status_code, response.exc_info)
        for what, response in asked
        if response.status_code >= 500
    ]


def known(user) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
    return client


@pytest.fixture
def host(pitch):
    EmailAddress.objects.create(user=pitch.owner, email=pitch.owner.email, verified=True)
    return known(PasskeyFactory(user=pitch.owner).user)


@pytest.fixture
def organiser(pitch):
    return known(MembershipFactory(event=pitch.event).user)


@pytest.fixture
def newcomer(pitch):
    """Has asked for a code."""
    client = Client()
    client.post("/account/signup/", {"name": "Hanna", "email": "hanna@example.org"})
    return client


@pytest.mark.parametrize("turn", range(0, len(NASTY), 4))
def test_every_query_gets_a_page(pitch, organiser, client, turn):
    asked, values = [], itertools.islice(itertools.cycle(NASTY.values()), turn, None)
    for path, names in get_pages(pitch).items():
        asking = organiser if path.startswith("/admin") else client
        query = "&".join(f"{name}={next(values)}" for name in names.split())
        asked.append(((path, query[:2000]), ask(asking, "get", f"{path}?{query}")))
    assert failing(asked) == []


@pytest.mark.parametrize("name_of_value", [*WORST, "nothing"])
def test_every_parameter_of_the_wall_and_the_desk_gets_a_page(pitch, organiser, name_of_value):
    pages = get_pages(pitch)
    asked = [
        ((path, name), ask(organiser, "get", f"{path}?{name}={NASTY[name_of_value]}"))
        for path in ("/neo/pitches/", "/admin/program/pitch/")
        for name in pages[path].split()
    ]
    assert failing(asked) == []


def form_pages(pitch: Pitch) -> dict[str, list[str]]:
    """Pages with forms, by who has them."""
    event, session = pitch.event.pk, pitch.proposals.first().pk
    comment = pitch.comments.first().pk
    key = Authenticator.objects.get().pk
    here = f"/neo/pitches/{pitch.code}"
    return {
        "client": [
            "/neo/pitches/", "/neo/pitches/new/", pitch.get_absolute_url(), "/account/login/",
            f"{pitch.get_absolute_url()}?reply_to={comment}", "/account/signup/",
            "/account/login/code/", "/account/password/reset/",
        ],
        "newcomer": ["/account/login/code/confirm/"],
        "host": [
            "/neo/pitches/new/", f"{here}/edit/", f"{here}/withdraw/", "/people/me/edit/",
            f"/comments/{comment}/edit/", f"/comments/{comment}/delete/", "/account/email/",
            "/account/password/set/", "/account/logout/", "/account/2fa/totp/activate/",
            "/account/2fa/webauthn/add/", f"/account/2fa/webauthn/keys/{key}/edit/",
            f"/account/2fa/webauthn/keys/{key}/remove/",
            "/account/2fa/webauthn/reauthenticate/",
        ],
        "organiser": [
            pitch.get_absolute_url(), f"/admin/program/event/{event}/change/",
            f"/admin/program/event/{event}/board/",
            f"/admin/program/event/{event}/board/?held={pitch.proposals.last().code}",
            f"/admin/program/pitch/{pitch.pk}/change/", "/admin/program/pitch/",
            f"/admin/program/proposal/{session}/change/", "/admin/program/proposal/",
            f"/admin/comments/comment/{comment}/change/", "/admin/comments/comment/",
        ],
    }  # fmt: skip


@pytest.fixture
def sendings(pitch, client, newcomer, host, organiser):
    """Every form of the pages, once for every button: who sends where what."""
    clients = {"client": client, "newcomer": newcomer, "host": host, "organiser": organiser}
    found = {}
    for who, pages in form_pages(pitch).items():
        for page in pages:
            for form in forms_of(clients[who], page):
                if form.method == "post":
                    for url, fields in form.sendings():
                        found[who, url, tuple(fields)] = (clients[who], url, fields)
    return list(found.values())


def encoded(fields: dict[str, str], nasty: dict[str, str]) -> str:
    safe = {name: quote(value) for name, value in fields.items()} | nasty
    return "&".join(f"{quote(name)}={value}" for name, value in safe.items())


@pytest.mark.parametrize("name", WORST[:3])
def test_every_form_takes_anything_in_all_its_fields(sendings, name):
    asked = []
    for client, url, fields in sendings:
        body = encoded({}, dict.fromkeys(fields, NASTY[name]))
        asked.append(((url, list(fields)), ask(client, "post", url, body, content_type=FORM)))
    assert failing(asked) == []


def test_every_form_takes_anything_in_one_of_its_fields(sendings):
    values, asked = itertools.cycle(NASTY.values()), []
    one_of_each = {
        re.sub(r"\d+", "0", f"{url} {name}"): (client, url, fields, name)
        for client, url, fields in sendings
        for name in fields
    }
    for client, url, fields, name in one_of_each.values():
        body = encoded(fields, {name: next(values)})
        answer = ask(client, "post", url, body, content_type=FORM)
        asked.append(((url, name, body[:2000]), answer))
    assert len(asked) > 100
    assert failing(asked) == []


@pytest.mark.parametrize("length", [120, 121])
def test_title_of_more_than_120_characters_is_refused_beside_its_field(client, pitch, length):
    typed = {"title": "ä" * length, "body": "Why.", "name": "Hanna", "email": "h@example.org"}
    page = client.post("/neo/pitches/new/", {**typed, "do": "draft"}, HTTP_ACCEPT_LANGUAGE="en")
    if length == 120:
        assert page.status_code == 302
    else:
        html = page.content.decode()
        assert "At most 120 characters fit here; these are 121." in html
        assert 'id="id_title_error"' in html
        assert typed["title"] in html
        assert 'value="h@example.org"' in html


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x"),
        (b"body=a", "multipart/form-data"),
        (b"body=a", "multipart/form-data; boundary=" + "x" * 500),
        (b"\xff\xfe\x00", "multipart/form-data; boundary=\xff"),
        (b"body=%FF", f"{FORM}; charset=utf-16"),
        (b"body=%FF", f"{FORM}; charset=no-such-charset"),
        (b'{"body": "a"}', "application/json"),
        (b"\x00" * 1000, "application/octet-stream"),
        (b"", ""),
        (b"&".join(b"f%d=1" % number for number in range(1_100)), FORM),
        (b"body=" + b"a" * 1_100_000, FORM),
    ],
)
def test_no_malformed_body_fails(client, pitch, host, body, content_type):
    pages = ["/neo/pitches/new/", "/neo/pitches/preview/", f"/comments/on/{pitch.code}/",
             "/account/login/", "/account/signup/", "/language/"]  # fmt: skip
    pages = [(client, page) for page in pages] + [(host, "/people/me/edit/")]
    asked = [
        (page, ask(asking, "post", page, body, content_type=content_type)) for asking, page in pages
    ]
    assert failing(asked) == []


@pytest.mark.parametrize(
    "body", [b"&".join(b"f%d=1" % n for n in range(1_100)), b"body=" + b"a" * 1_100_000]
)
def test_too_large_a_form_is_answered_with_400(client, pitch, body):
    answer = ask(client, "post", f"/comments/on/{pitch.code}/", body, content_type=FORM)
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_pages_that_are_only_read_refuse_other_methods(client, pitch, method):
    for path in ("/neo/", "/neo/pitches/", "/neo/program/", "/imprint/", pitch.get_absolute_url()):
        assert ask(client, method, path).status_code == 405, path


@pytest.mark.parametrize("name", ["evil.example", "testserver.evil.example", "a b", "'\"<", "\x00"])
def test_foreign_names_of_the_host_are_answered_with_400(client, pitch, name):
    for path in ("/", "/neo/pitches/", "/account/login/", "/admin/"):
        assert ask(client, "get", path, HTTP_HOST=name).status_code == 400, path


@pytest.mark.parametrize(
    "path",
    [
        "/%00", "/%00/pitches/", "/neo/pitches/%00/", "/neo/tags/%00/", "/neo/people/%00/",
        "/neo/program/%00/", "/people/%00/", "/s/%00/", "/media/people/%00.webp", "/%ED%A0%80/",
        "/neo/tags/%FF/", "/static/%00", "/static/../config/settings.py",
        "/neo/pitches/..%2f..%2f/",
        f"/{'a' * 70_000}/", "/neo/program/0000-00-00/", "/neo/program/9999-99-99/",
        "/comments/99999999999999999999999999/", "/comments/%00/",
    ],
)  # fmt: skip
def test_paths_that_lead_nowhere_are_answered_with_404(client, pitch, path):
    assert ask(client, "get", path).status_code == 404
