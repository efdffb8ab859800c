"""Prepared decisions go out in one step: looked at first, then now, at a time, or without mails.

An announcement holds the mails word for word as the organiser saw them, one per decision and
host: whoever leads two sessions of which one is accepted wants to read of each by itself.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sessions import confirming, decisions, outbox
from sessions.mail_templates import Kind, Text, Texts, kind_of, name_of
from sessions.models import (
    AnnouncedDecision,
    AnnouncedMail,
    Announcement,
    Event,
    Host,
    Proposal,
)
from sessions.models.proposal import ProposalQuerySet
from speakers.models import User

Outcome = AnnouncedDecision.Outcome


class Changed(Exception):
    """What was shown is not what would be sent; nothing is. ``titles`` are those sessions'."""

    def __init__(self, titles: list[str]) -> None:
        self.titles = titles
        super().__init__(", ".join(titles))


class NothingLeft(Exception):
    """Announced, planned or taken back by somebody since; ``str()`` is fit to be shown."""

    def __str__(self) -> str:
        return str(_("Nothing was announced: these decisions were announced or taken back before."))


class TooLate(Exception):
    """It went out already, or was called off; ``str()`` is fit to be shown."""

    def __str__(self) -> str:
        return str(_("This announcement is not planned any more."))


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one host as it would be sent, or that there is no address to send it to."""

    person: User
    kind: str
    text: Text
    is_reachable: bool

    @property
    def name(self) -> str:
        return name_of(self.person)


@dataclass(frozen=True, slots=True)
class Ready:
    """A prepared decision, and what its hosts would read."""

    proposal: Proposal
    letters: tuple[Letter, ...]

    @property
    def seen(self) -> str:
        """What a page shows of it in short: the same as long as nobody changes any of it."""
        shown = [self.proposal.standing, self.proposal.heading]
        for letter in self.letters:
            person, text = letter.person, letter.text
            shown += [str(person.pk), person.email, person.language, str(letter.is_reachable)]
            shown += [text.subject, text.body]
        return hashlib.sha256("\0".join(shown).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Order:
    """What the organiser saw (by code, see :attr:`Ready.seen`) and wants to be sent.

    ``texts`` are the mails by code and host; a host without one gets none.
    """

    seen: Mapping[str, str]
    texts: Mapping[tuple[str, int], Text] = field(default_factory=dict)
    send_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """``later`` was prepared since the page was shown, ``gone`` is not prepared any more."""

    announcement: Announcement
    done: int
    mails: int
    later: list[str]
    gone: list[str]


def ready(event: Event) -> list[Ready]:
    """The prepared decisions that no planned announcement holds, by title; 4 queries."""
    proposals = _prepared(event).with_pitch().with_hosts()
    texts, found = Texts(event), []
    leading = Host.objects.accepted().filter(pitch__event=event).values("person")
    reachable = set(User.objects.reachable().filter(pk__in=leading).values_list("pk", flat=True))
    for proposal in sorted(proposals, key=lambda row: (row.heading.casefold(), row.pk)):
        kind = kind_of(proposal.prepared_state, event)
        people = [host.person for host in proposal.pitch.hosts.all()]
        letters = tuple(
            Letter(person, kind, texts.to(person, proposal, kind), person.pk in reachable)
            for person in people
        )
        found.append(Ready(proposal, letters))
    return found


@transaction.atomic
def announce(event: Event, order: Order, *, by: User, now: dt.datetime) -> Announced:
    """Announce what was seen, at once or at its time.

    The prepared sessions are held to the end of the transaction: of two organisers at once the
    second one finds nothing left. Raises :class:`Changed` and :class:`NothingLeft`.
    """
    list(_prepared(event).order_by("pk").select_for_update(of=("self",)))
    found = {each.proposal.code: each for each in ready(event)}
    chosen = [found[code] for code in order.seen if code in found]
    if changed := [each for each in chosen if each.seen != order.seen[each.proposal.code]]:
        raise Changed([each.proposal.heading for each in changed])
    if not chosen:
        raise NothingLeft
    announcement = Announcement.objects.create(
        event=event, by=by, created_at=now, send_at=order.send_at or now
    )
    for each in sorted(chosen, key=lambda each: each.proposal.pk):
        _write(announcement, each, order)
    if order.send_at is None:
        carry_out(announcement.pk, now=now)
        announcement.refresh_from_db()
    missing = [code for code in order.seen if code not in found]
    outcome = Outcome.PLANNED if order.send_at else Outcome.DONE
    return Announced(
        announcement=announcement,
        done=announcement.decisions.filter(outcome=outcome).count(),
        mails=AnnouncedMail.objects.filter(decision__announcement=announcement).count(),
        later=[each.proposal.heading for code, each in found.items() if code not in order.seen],
        gone=[row.heading for row in _coded(event, missing)],
    )


@transaction.atomic
def call_off(announcement: Announcement) -> None:
    """Nothing of it goes out; the decisions stay prepared. Raises :class:`TooLate`."""
    row = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement.pk)
    if row.state != Announcement.State.PLANNED:
        raise TooLate
    Announcement.objects.filter(pk=row.pk).update(state=Announcement.State.CALLED_OFF)
    row.decisions.update(outcome=Outcome.CALLED_OFF)


def send_due(now: dt.datetime) -> None:
    """One query when nothing is due. Any number of workers may call it at once."""
    for pk in Announcement.objects.due(now).values_list("pk", flat=True):
        carry_out(pk, now=now)


@transaction.atomic
def carry_out(announcement_id: int, *, now: dt.datetime) -> None:
    """Make the decisions of a planned announcement real and queue its mails, all or nothing.

    A worker that is killed meanwhile leaves it planned. What was changed since it was seen is
    left as it is and marked so.
    """
    rows = Announcement.objects.select_for_update(of=("self",), skip_locked=True)
    row = rows.planned().select_related("event", "by").filter(pk=announcement_id).first()
    if row is None:
        return
    of_all = row.decisions.select_related("proposal__pitch").order_by("proposal")
    for decision in of_all.prefetch_related("mails__recipient"):
        try:
            decisions.carry_out(decision.proposal, decision.state, by=row.by)
        except (decisions.NotPrepared, decisions.NotAllowed):
            decision.outcome = Outcome.CHANGED
        else:
            decision.outcome = Outcome.DONE
            _tell(decision, row.event)
        decision.save(update_fields=["outcome"])
    Announcement.objects.filter(pk=row.pk).update(state=Announcement.State.DONE, done_at=now)


def _tell(decision: AnnouncedDecision, event: Event) -> None:
    """To those who lead the session still, and have an address still."""
    leading = Host.objects.accepted().filter(pitch=decision.proposal.pitch_id).values("person")
    people = User.objects.reachable().filter(pk__in=leading).in_bulk()
    asked = False
    for mail in decision.mails.all():
        if person := people.get(mail.recipient_id):
            text = Text(mail.subject, mail.body)
            mail.email = outbox.send(event, text, to=person.email, kind=outbox.Kind.DECISION)
            mail.save(update_fields=["email"])
            asked = True
    if asked and kind_of(decision.state, event) == Kind.ASKED:
        decision.proposal.pitch.event = event
        confirming.ask(decision.proposal)


def _write(announcement: Announcement, each: Ready, order: Order) -> None:
    decision = announcement.decisions.create(
        proposal=each.proposal, state=each.proposal.prepared_state
    )
    AnnouncedMail.objects.bulk_create(
        AnnouncedMail(
            decision=decision,
            recipient=letter.person,
            language=letter.person.language,
            subject=text.subject,
            body=text.body,
        )
        for letter in each.letters
        if letter.is_reachable and (text := order.texts.get((each.proposal.code, letter.person.pk)))
    )


def _prepared(event: Event) -> ProposalQuerySet:
    planned = AnnouncedDecision.objects.filter(outcome=Outcome.PLANNED).values("proposal")
    prepared = Proposal.objects.of_event(event).public().exclude(prepared_state="")
    return prepared.exclude(pk__in=planned)


def _coded(event: Event, codes: Iterable[str]) -> ProposalQuerySet:
    return Proposal.objects.of_event(event).filter(code__in=list(codes)).with_pitch()
