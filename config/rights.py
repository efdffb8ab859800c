"""Everything of a person or of a guest's address, over all apps: what is stored, and its end.

Erasing is one transaction. The apps part their rows from the person first, then the account goes
and the database lets go of the rest, then history forgets; the versions of the events rise by
themselves, so that no process serves an old page.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from pghistory.models import Context
from post_office.models import Email

from comments import rights as in_discussions
from config import pages
from config.lib import records
from config.lib.records import Section
from sessions import rights as in_events
from speakers import rights as of_person
from speakers.models import User

ATTEMPTS = 3


def exported(user: User) -> list[Section]:
    """In the reader's language; dates as values."""
    known = of_person.known(user)
    return [
        *of_person.exported(user),
        *in_events.exported(user),
        *in_discussions.exported(user, known.proven),
        _mails(known.addresses),
        Section(
            "log_ins",
            _("Browsers in which you are logged in"),
            [
                records.of(row, until=(_("until"), row.expire_date))
                for row, data in _sessions()
                if data.get(SESSION_KEY) == str(user.pk)
            ],
        ),
    ]


def exported_of_guest(email: str) -> list[Section]:
    return [*in_discussions.exported_of_guest(email), _mails((email,))]


def refusal(user: User) -> Exception | None:
    """Why ``user`` cannot leave yet, fit to be shown; asked inside a transaction."""
    return of_person.refusal(user) or in_events.refusal(user)


def erase(user: User, *, keep_comments: bool, keep_pitches: bool, now: dt.datetime) -> None:
    """Forget ``user`` for good. An account that is gone already is no error.

    Somebody may have liked, answered or invited ``user`` since their rows were collected; then
    the commit fails, and it begins anew. Raises :class:`speakers.rights.LastSuperuser` and
    :class:`sessions.rights.LastOrganiser`.
    """
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            _erase(user, keep_comments=keep_comments, keep_pitches=keep_pitches, now=now)
            return
        except IntegrityError:
            if not attempts_left:
                raise


@transaction.atomic
def _erase(user: User, *, keep_comments: bool, keep_pitches: bool, now: dt.datetime) -> None:
    row = User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    if row is None:
        return
    if (reason := refusal(row)) is not None:
        raise reason
    known = of_person.known(row)
    in_discussions.hold(row, known.proven)
    fate = in_events.erase(row, keep=keep_pitches, to=of_person.nobody(), now=now)
    in_discussions.forget_links(fate.emptied)
    written = in_discussions.comments_of(row, known.proven)
    comments = in_discussions.erase(written, keep=keep_comments, now=now)
    in_discussions.unlink(known.profile_url)
    of_person.erase(row)
    in_events.forget(known.pk)
    in_discussions.forget(known.pk)
    in_discussions.forget_addresses(known.proven)
    _forget_mails(known.addresses)
    _forget_quotations(comments)
    _end_sessions(known.addresses, user_id=known.pk)
    # The last step: what a trigger writes after it would name the account again.
    Context.objects.filter(metadata__user=known.pk).update(metadata={})
    transaction.on_commit(pages.store.clear)


@transaction.atomic
def erase_guest(email: str, *, keep_comments: bool, now: dt.datetime) -> None:
    """Forget who wrote as a guest with ``email``; a ban of the address stays."""
    written = in_discussions.comments_by_guest(email)
    comments = in_discussions.erase(written, keep=keep_comments, now=now)
    in_discussions.forget_addresses((email,))
    _forget_mails((email,))
    _forget_quotations(comments)
    _end_sessions((email,))
    transaction.on_commit(pages.store.clear)


def _forget_mails(addresses: tuple[str, ...]) -> None:
    """To these addresses, and to others with one of them in the text."""
    for email in addresses:
        _mails_with(_whole(email)).delete()


def _forget_quotations(comment_ids: list[int]) -> None:
    """Our copies of mails to others; what waits to be sent is not sent."""
    if comment_ids:
        _mails_with(in_discussions.quotation_of(comment_ids)).delete()


def _mails(addresses: tuple[str, ...]) -> Section:
    mine = Q(pk__in=())
    for email in addresses:
        mine |= Q(to__iregex=_whole(email))
    return Section(
        "mails",
        _("Mails to you of the last 30 days"),
        [
            records.of(
                row,
                "status",
                at=(_("when"), row.created),
                subject=(_("subject"), (row.context or {}).get("subject", row.subject)),
            )
            for row in Email.objects.filter(mine).order_by("pk")
        ],
    )


def _mails_with(pattern: str) -> QuerySet[Email]:
    """Mails to or with what matches a regular expression, in whatever state."""
    line, text = Value("\n"), TextField()
    context = Cast("context", text)  # in JSON a line feed is written as \n
    lines = Func(context, Value(r"\n"), line, function="replace", output_field=text)
    said = Func(line, "to", "message", lines, function="concat_ws", output_field=text)
    return Email.objects.annotate(said=said).filter(said__iregex=pattern)


def _whole(email: str) -> str:
    """The address itself, but not as a part of another one."""
    return rf"(?<![a-z0-9._%+-]){re.escape(email)}(?![a-z0-9-]|\.[a-z0-9])"


def _sessions() -> Iterator[tuple[Session, dict[str, Any]]]:
    """Every session of a browser with what is kept in it; they are signed, hence not searchable."""
    for row in Session.objects.iterator():
        yield row, row.get_decoded()


def _end_sessions(addresses: tuple[str, ...], *, user_id: int | None = None) -> None:
    """End the log-ins of an account, and what browsers without one keep of an address."""
    ended = []
    for row, data in _sessions():
        if SESSION_KEY in data:
            is_theirs = data[SESSION_KEY] == str(user_id)
        else:
            kept = json.dumps(data).lower()
            is_theirs = any(email in kept for email in addresses)
        if is_theirs:
            ended.append(row.pk)
    Session.objects.filter(pk__in=ended).delete()
