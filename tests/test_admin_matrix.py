"""Nobody of one event sees or changes another: every address of the desk by every method.

And none of its pages holds anything inline.

Whatever a page of their own offers to the organisers of one event is sent once more with the other
event's numbers in it. A new page is asked by itself.
"""

import logging
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.utils.datastructures import MultiValueDict

from sessions.models import Announcement, Event, OutboxEntry, Pitch
from tests.addresses import all_addresses, existing
from tests.factories import MembershipFactory, PasskeyFactory, UserFactory
from tests.logins import session_of
from tests.markup import Page
from tests.quick import QuickClient
from tests.tenants import APART, Tenant, counterparts, our_models, swap

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "delete")
# What a number in an address names that is not its first one, by the word before it.
NUMBERED = {"announce": Announcement, "outbox": OutboxEntry}
NAMING = {"object_id", "pk", "code"}


def desk_addresses():
    return [address for address in all_addresses() if address.route.startswith("admin/")]


def arguments(address, tenant):
    """What the address needs to lead to the rows of ``tenant``."""
    given = existing(address, tenant.rows[Pitch])
    steps = address.route.split("/")
    if "object_id" in address.parameters:
        given["object_id"] = tenant.rows[apps.get_model(*steps[1:3])].pk
    if "pk" in address.parameters:
        word = steps[steps.index("<int:pk>") - 1]
        if word not in NUMBERED:
            raise AssertionError(f"{address.route}: say in NUMBERED what its number names")
        given["pk"] = tenant.rows[NUMBERED[word]].pk
    missing = set(address.parameters) - set(given)
    if missing:
        raise AssertionError(f"{address.route}: say in tests/addresses.py what {missing} may be")
    return given


@pytest.fixture
def foreign(db):
    return Tenant("Zitronenfalter", half=0)


@pytest.fixture
def own(foreign):
    PasskeyFactory()
    return Tenant("Hummel", half=1)


@pytest.fixture
def organiser(own):
    return MembershipFactory(event=own.rows[Event]).user


@pytest.fixture
def moderator(own):
    return MembershipFactory(event=own.rows[Event], role="moderator").user


class Asker:
    """Asks as somebody, each time from the same rows; knows what belongs to ``foreign``."""

    def __init__(self, user, foreign):
        self.desk, self.cookie, self.foreign = QuickClient(), session_of(user), foreign
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
            cursor.execute(f"PREPARE dump AS {_dump(foreign)}")
        self.before = self._rows()

    def __call__(self, url, *methods, data=None):
        """The statuses, and what the answers give away or have changed, which should be nothing."""
        statuses, leaks = [], []
        with transaction.atomic():
            for method in methods:
                response = self.answer(method, url, data)
                statuses.append(response.status_code)
                leaks += self._given_away(response)
            changed = dict(self._rows()).items() ^ dict(self.before).items()
            leaks += sorted({f"changes {table}" for table, _digest in changed})
            transaction.set_rollback(True)
        return statuses, leaks

    def answer(self, method, url, data=None):
        self.desk.cookies.clear()
        self.desk.cookies[settings.SESSION_COOKIE_NAME] = self.cookie
        return getattr(self.desk, method)(url, data)

    def _rows(self):
        with connection.cursor() as cursor:
            cursor.execute("EXECUTE dump")
            return cursor.fetchall()

    def _given_away(self, response):
        leaks = [str(response.status_code)] if response.status_code >= 500 else []
        said = "" if response.streaming else response.content.decode("utf-8", "replace")
        said += "".join(str(each) for each in get_messages(response.wsgi_request)._queued_messages)
        if self.foreign.word.lower() in said.lower():
            leaks.append("says a foreign word")
        return leaks


def _dump(tenant):
    """Digests of all rows that are the tenant's, or refer to one of them, by table."""

    def mine(column, model):
        first = tenant.ranges[model]
        return f'"{column}" BETWEEN {first} AND {first + APART - 1}'

    queries = []
    for model in our_models():
        its = [mine(model._meta.pk.column, model)]
        its += [
            mine(field.column, field.related_model)
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model in tenant.ranges
            and field.related_model._meta.app_label in ("program", "comments")
        ]  # fmt: skip
        table = model._meta.db_table
        queries.append(
            f"SELECT '{table}', md5(string_agg(row::text, '|' ORDER BY row::text)) "  # noqa: S608
            f'FROM "{table}" row WHERE {" OR ".join(its)}'
        )
    return " UNION ALL ".join(queries)


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, logger="django.request")  # a traceback each is slow
    caplog.set_level(logging.CRITICAL, logger="django.security")


def matrix(user, foreign, own, *, statuses, methods=METHODS):
    """Whatever is wrong with the answers to every address that names rows of ``foreign``."""
    ask, wrong = Asker(user, foreign), []
    for address in desk_addresses():
        theirs = arguments(address, foreign)
        sets = [theirs]
        if NAMING & set(address.parameters[1:]):  # a foreign row below one's own event
            sets.append(theirs | {"object_id": arguments(address, own)["object_id"]})
        for given in sets:
            answered, leaks = ask(address.url(given), *methods)
            if address.name and NAMING & set(address.parameters):
                leaks += [str(status) for status in answered if status not in statuses]
            wrong += [(address.url(given), leak) for leak in leaks]
    return "\n".join(map(str, wrong))


def test_no_address_leads_an_organiser_to_another_event(organiser, foreign, own):
    assert matrix(organiser, foreign, own, statuses={404, 405}) == ""


def test_no_address_leads_a_moderator_to_another_event(moderator, foreign, own):
    """403 where the role is too small for the page, whatever it would show."""
    statuses, methods = {403, 404, 405}, ("get", "post")
    assert matrix(moderator, foreign, own, statuses=statuses, methods=methods) == ""


def offers(ask, own):
    """All that the pages of one's own event offer to send: method, address and data, each once."""
    seen = set()
    for address in desk_addresses():
        url = address.url(arguments(address, own))
        response = ask.answer("get", url)
        if response.status_code != 200 or "html" not in response["Content-Type"]:
            continue
        page = Page(response.content.decode(), url)
        found = [("get", urljoin(url, link), []) for link in page.links if "?" in link]
        found += [
            (form.method, urljoin(url, form.action), data)
            for form in page.forms
            for data in form.sendings()
        ]
        for method, to, data in found:
            # Of many like forms one is enough: those of each cell of the board, of each row.
            like = (method, urlsplit(to).path, frozenset(data[-1:]), frozenset(dict(data)))
            if like not in seen and to.startswith("/admin/"):
                seen.add(like)
                yield method, to, data


def test_no_form_of_ones_own_pages_reaches_another_event(organiser, foreign, own):
    """Its numbers are put into the data, and then into the address, too."""
    ask, names, wrong, sent = Asker(organiser, foreign), counterparts(own, foreign), [], 0
    for method, url, data in list(offers(ask, own)):
        theirs = [(name, swap(value, names)) for name, value in data]
        there = swap(url, names)
        parts = urlsplit(url), urlsplit(there)
        mixed = f"{parts[0].path}?{parts[1].query}" if parts[1].query else parts[0].path
        for to in sorted({mixed, there}):
            if (to, theirs) == (url, data):
                continue
            sent += 1
            (status,), leaks = ask(to, method, data=_as_dict(theirs))
            if urlsplit(to).path != parts[0].path and status not in (404, 405):
                leaks.append(str(status))
            wrong += [(method, to, theirs, leak) for leak in leaks]
    assert not wrong, "\n".join(map(str, wrong))
    assert sent > 80


def _as_dict(values):
    data = MultiValueDict()
    for name, value in values:
        data.appendlist(name, value)
    return dict(data.lists())


LOADING = {"script", "link", "img", "source", "iframe", "object", "embed", "form", "use"}
ADDRESSES = ("src", "href", "action", "data", "formaction", "srcset", "poster")


def not_strict(page):
    """What the Content-Security-Policy would stop, or what comes from elsewhere."""
    for tag, attrs in page.tags:
        if tag == "style" or (tag == "script" and "src" not in attrs):
            yield tag
        yield from (f"{tag} {name}" for name in attrs if name == "style" or name.startswith("on"))
        for name in ADDRESSES:
            scheme, origin = urlsplit(attrs.get(name, "").strip().lower())[:2]
            if scheme in ("javascript", "data", "vbscript") or (tag in LOADING and scheme + origin):
                yield f"{tag} {name}={attrs[name]}"


@pytest.mark.parametrize("who", ["organiser", "superuser"])
def test_nothing_is_inline_on_any_page_of_the_desk(who, organiser, foreign, own):
    """Whoever made its template: ours, Django's or that of a package."""
    user = UserFactory(is_staff=True, is_superuser=True) if who == "superuser" else organiser
    ask, wrong, asked = Asker(user, foreign), [], 0
    for address in desk_addresses():
        url = address.url(arguments(address, own))
        response = ask.answer("get", url)
        if not response.streaming and "html" in response.get("Content-Type", ""):
            page = Page(response.content.decode(), url)
            wrong += [(url, each) for each in not_strict(page)]
            asked += response.status_code == 200
    assert not wrong, "\n".join(map(str, wrong))
    assert asked > 45


def test_the_matrix_would_notice(own, foreign):
    """Whoever reaches everything sees foreign words and changes foreign rows."""
    ask = Asker(UserFactory(is_staff=True, is_superuser=True), foreign)
    pitch = foreign.rows[Pitch].pk
    hide = {"action": "hide", "_selected_action": pitch, "index": 0}

    assert ask(f"/admin/program/pitch/{pitch}/change/", "get")[1] == ["says a foreign word"]
    assert "changes program_pitch" in ask("/admin/program/pitch/", "post", data=hide)[1]
    bad = Page(
        '<p style="x" onclick="x"><script>x</script><script src="//x/y.js"></script>'
        '<style></style><a href="javascript:x">x</a><a href="https://x.example/">x</a>',
        "/",
    )
    assert list(not_strict(bad)) == [
        "p style",
        "p onclick",
        "script",
        "script src=//x/y.js",
        "style",
        "a href=javascript:x",
    ]
