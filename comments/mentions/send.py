"""Tells pages elsewhere that a pitch links to them: as webmention, or as pingback.

One target at a time. A row is claimed for ``LEASE`` and asked about outside of any transaction:
the row of a killed worker comes again, so a page may be told twice, never not at all.
"""

import datetime as dt
import logging
import xmlrpc.client
from dataclasses import dataclass
from urllib.parse import urlencode

from defusedxml import ElementTree
from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from comments.mentions import discover
from comments.mentions.discover import Endpoint, Protocol
from comments.models import Outgoing
from comments.models.mention import URL_MAX_LENGTH
from config.lib import fetch

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=2)  # longer than two requests may take
RETRY_AFTER = (dt.timedelta(minutes=5), dt.timedelta(hours=1), dt.timedelta(hours=6))
State = Outgoing.State

NOT_NOW = frozenset({408, 425, 429})

# Pingback 1.0, § 3
ALREADY_REGISTERED = 48
NO_SOURCE, NO_LINK = 16, 17
UPSTREAM = 50


class Failure(models.TextChoices):
    """What organisers read; the log says more."""

    ADDRESS = "address", _("This address is not asked.")
    SILENT = "silent", _("The site does not answer.")
    TOO_LARGE = "too_large", _("The page is too large.")
    REDIRECTS = "redirects", _("The page redirects too often.")
    STATUS = "status", _("The page answers with an error.")
    FAULT = "fault", _("The site refuses the pingback.")
    NO_XML_RPC = "no_xml_rpc", _("The answer to the pingback cannot be read.")
    LOST = "lost", _("Sending was interrupted too often.")


LASTING = {
    fetch.Forbidden: Failure.ADDRESS,
    fetch.TooLarge: Failure.TOO_LARGE,
    fetch.TooManyRedirects: Failure.REDIRECTS,
}


class Unheard(Exception):
    """The other side did not take it; ``is_lasting`` if it would not later, either."""

    def __init__(self, failure: Failure, reason: str = "", *, is_lasting: bool = True) -> None:
        self.failure, self.is_lasting = failure, is_lasting
        super().__init__(reason or failure.value)


@dataclass(frozen=True)
class Outcome:
    """``state`` is DUE if it is worth trying again."""

    state: State
    endpoint: str = ""
    failure: Failure | None = None


def next_one(now: dt.datetime) -> bool:
    """Send the mention that has waited longest, if one is due; whether one was.

    Takes up to two times ``fetch.TIMEOUT``. Call it once a second: that is polite to a host that
    many pitches link to.
    """
    if not settings.SEND_MENTIONS:
        return False
    row = _claim(now)
    if row is None:
        return False
    source = _source(row)
    _record(row, _attempt(row, source), source=source, now=now)
    return True


@transaction.atomic
def _claim(now: dt.datetime) -> Outgoing | None:
    """The next row, with ``pitch__event``; nobody else gets it before the lease has run out."""
    rows = Outgoing.objects.due(now).select_related("pitch__event")
    row = rows.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
    if row is not None:
        row.due_at = now + LEASE
        row.attempts += 1
        row.save(update_fields=["due_at", "attempts"])
    return row


def _source(row: Outgoing) -> str:
    """The address that the target knows, as long as it leads to the pitch, whatever its title.

    By it the other side sees that it is told of the same page again.
    """
    today = f"{settings.SITE_URL}{row.pitch.get_absolute_url()}"
    stem = today.removesuffix(f"{row.pitch.slug}/")
    return row.source if row.source.startswith(stem) else today


def _attempt(row: Outgoing, source: str) -> Outcome:
    if row.attempts > len(RETRY_AFTER) + 1:
        return Outcome(State.FAILED, failure=Failure.LOST)
    try:
        endpoint = _tell(row, source)
    except Unheard as error:
        logger.info("%s: %s", row.target, error)
        return Outcome(State.FAILED if error.is_lasting else State.DUE, failure=error.failure)
    except fetch.Failed as error:
        logger.info("%s: %s", row.target, error)
        if lasting := LASTING.get(type(error)):
            return Outcome(State.FAILED, failure=lasting)
        return Outcome(State.DUE, failure=Failure.SILENT)
    if endpoint is None:
        return Outcome(State.NO_ENDPOINT)
    return Outcome(State.SENT, endpoint=endpoint.url)


def _record(row: Outgoing, outcome: Outcome, *, source: str, now: dt.datetime) -> None:
    """A row that became due anew meanwhile stays so: its pitch has changed since the claim."""
    rows = Outgoing.objects.filter(pk=row.pk)
    if outcome.state == State.SENT:
        rows.update(source=source, sent_at=now)
    state, due_at = outcome.state, row.due_at
    if state == State.DUE:
        if row.attempts > len(RETRY_AFTER):
            state = State.FAILED
        else:
            due_at = now + RETRY_AFTER[row.attempts - 1]
    rows.filter(state=State.DUE, due_at=row.due_at).update(
        state=state,
        due_at=due_at,
        endpoint=outcome.endpoint[:URL_MAX_LENGTH],
        failure=outcome.failure or "",
    )


def _tell(row: Outgoing, source: str) -> Endpoint | None:
    """Where it was told, or None if the target names no place. Raises Unheard, fetch.Failed."""
    page = fetch.get(row.target)
    _must_be_fine(page)
    endpoint = discover.endpoint(page)
    if endpoint is not None:
        send = _send_pingback if endpoint.protocol == Protocol.PINGBACK else _send_webmention
        send(endpoint.url, row, source)
    return endpoint


def _send_webmention(url: str, row: Outgoing, source: str) -> None:
    """W3C Webmention § 3.1.3. Who is told of a link that went may say that there is none."""
    form = urlencode({"source": source, "target": row.target}).encode()
    answer = fetch.post(url, body=form, content_type="application/x-www-form-urlencoded")
    if row.is_linked or answer.status not in (400, 404, 410, 422):
        _must_be_fine(answer)


def _send_pingback(url: str, row: Outgoing, source: str) -> None:
    """Pingback 1.0 § 3. It has no word for a link that went; who looks again will find out."""
    call = xmlrpc.client.dumps((source, row.target), "pingback.ping").encode()
    answer = fetch.post(url, body=call, content_type="text/xml")
    _must_be_fine(answer)
    fault = _fault(answer.body)
    is_heard = fault in (None, ALREADY_REGISTERED)
    if not is_heard and (row.is_linked or fault not in (NO_SOURCE, NO_LINK)):
        raise Unheard(Failure.FAULT, f"pingback fault {fault}", is_lasting=fault != UPSTREAM)


def _must_be_fine(answer: fetch.Page) -> None:
    if not 200 <= answer.status < 300:
        is_lasting = answer.status < 500 and answer.status not in NOT_NOW
        reason = f"{answer.status} from {answer.url}"
        raise Unheard(Failure.STATUS, reason, is_lasting=is_lasting)


def _fault(body: bytes) -> int | None:
    """The fault code of an XML-RPC answer, None for success."""
    try:
        answer = ElementTree.fromstring(body, forbid_dtd=True)
        if answer.tag == "methodResponse" and answer.find("params") is not None:
            return None
        for member in answer.iterfind("fault/value/struct/member"):
            if member.findtext("name", "").strip() == "faultCode":
                return int(member.findtext("value/int") or member.findtext("value/i4") or "")
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Unheard(Failure.NO_XML_RPC) from error
    raise Unheard(Failure.NO_XML_RPC)
