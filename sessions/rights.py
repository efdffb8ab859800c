"""What is stored about a person in events, and what becomes of their pitches when they leave."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.lib import history, records
from config.lib.records import Section
from sessions import pitching
from sessions.models import (
    AnnouncedDecision,
    AnnouncedMail,
    Announcement,
    Delay,
    Event,
    Host,
    Interest,
    LogEntry,
    Membership,
    Merge,
    Move,
    OrganiserNote,
    Pitch,
    PitchTag,
    Placement,
    Preparation,
    Proposal,
    QuietReader,
    SavedFilter,
    Tag,
    Unavailability,
    Vote,
)
from speakers.models import User

PITCH_FIELDS = ("code", "title", "body", "language", "state", "created_at", "published_at")
PROPOSAL_FIELDS = ("title", "abstract", "format", "minutes", "ripeness", "needs", "state")


class LastOrganiser(Exception):
    """Events that nobody else organises; ``str()`` is fit to be shown."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        super().__init__()

    def __str__(self) -> str:
        message = ngettext(
            "Nobody else organises %(events)s. Make somebody else an organiser of it first.",
            "Nobody else organises %(events)s. Make somebody else an organiser of them first.",
            len(self.events),
        )
        return message % {"events": ", ".join(event.name for event in self.events)}


@dataclass(frozen=True, slots=True)
class Leaving:
    """What becomes of the pitches that somebody owns; ids."""

    deleted: tuple[int, ...]
    passed_on: tuple[int, ...]
    kept: tuple[int, ...]
    emptied: tuple[int, ...]


def exported(user: User) -> list[Section]:
    """About a dozen queries, however many rows there are."""
    return [*_pitches(user), *_takes_part(user), *_organises(user), _merges(user), *_reviews(user)]


def _pitches(user: User) -> list[Section]:
    mine = Pitch.objects.filter(Q(owner=user) | Q(hosts__person=user)).distinct()
    pitches = list(mine.select_related("event").with_tags().order_by("pk"))
    ids = [pitch.pk for pitch in pitches]
    titles = {pitch.pk: pitch.title for pitch in pitches}
    proposals = Proposal.objects.filter(pitch__in=ids).order_by("pitch", "position")
    versions = history.versions_of(Pitch).filter(pgh_obj_id__in=ids).order_by("pgh_id")
    sessions = history.versions_of(Proposal).filter(pitch_id__in=ids).order_by("pgh_id")
    return [
        Section("pitches", _("Pitches"), [_pitch(pitch, user) for pitch in pitches]),
        Section(
            "pitch_versions",
            _("Versions of your pitches"),
            [records.of(row, "code", "title", "body", "state", at=_when(row)) for row in versions],
        ),
        Section(
            "sessions",
            _("Sessions"),
            [
                records.of(row, *PROPOSAL_FIELDS, pitch=(_("pitch"), titles[row.pitch_id]))
                for row in proposals
            ],
        ),
        Section(
            "session_versions",
            _("Versions of your sessions"),
            [records.of(row, "code", *PROPOSAL_FIELDS, at=_when(row)) for row in sessions],
        ),
    ]


def _pitch(pitch: Pitch, user: User) -> records.Record:
    return records.of(
        pitch,
        *PITCH_FIELDS,
        event=(_("event"), pitch.event.name),
        tags=(_("tags"), [tag.name for tag in pitch.tags.all()]),
        owner=(_("owner"), pitch.owner_id == user.pk),
    )


def _takes_part(user: User) -> list[Section]:
    hosting = Host.objects.filter(person=user).select_related("pitch").order_by("pk")
    interests = Interest.objects.filter(user=user).select_related("proposal__pitch").order_by("pk")
    busy = Unavailability.objects.filter(person=user).select_related("event").order_by("pk")
    quiet = QuietReader.objects.filter(user=user).select_related("event").order_by("pk")
    # One that is planned would tell a decision before its time.
    told = AnnouncedMail.objects.filter(
        recipient=user, decision__outcome=AnnouncedDecision.Outcome.DONE
    ).order_by("pk")
    return [
        Section(
            "hosting",
            _("Pitches that you host"),
            [records.of(row, "state", pitch=(_("pitch"), row.pitch.title)) for row in hosting],
        ),
        Section(
            "interests",
            _("Sessions that interest you"),
            [
                records.of(row, "created_at", session=(_("session"), row.proposal.heading))
                for row in interests
            ],
        ),
        Section(
            "unavailabilities",
            _("Times when you cannot come"),
            [records.of(row, "during", event=(_("event"), row.event.name)) for row in busy],
        ),
        Section(
            "quiet",
            _("Events that send you no mail about what interests you"),
            [records.of(row, "since", event=(_("event"), row.event.name)) for row in quiet],
        ),
        Section(
            "announced_mails",
            _("Mails about decisions to you"),
            [records.of(row, "subject", "body") for row in told],
        ),
    ]


def _organises(user: User) -> list[Section]:
    memberships = user.memberships.select_related("event").order_by("pk")
    log = LogEntry.objects.filter(actor=user).select_related("event", "pitch", "proposal")
    moves = Move.objects.filter(by=user).select_related("event", "proposal__pitch")
    delays = Delay.objects.filter(by=user).select_related("event").order_by("pk")
    notes = OrganiserNote.objects.filter(author=user).select_related("pitch").order_by("pk")
    return [
        Section(
            "memberships",
            _("Events that you help to organise"),
            [records.of(row, "role", event=(_("event"), row.event.name)) for row in memberships],
        ),
        Section(
            "notes",
            _("Internal notes that you wrote"),
            [
                records.of(row, "text", "created_at", pitch=(_("pitch"), row.pitch.title))
                for row in notes
            ],
        ),
        Section(
            "moves",
            _("Sessions that you moved in a programme"),
            [_move(row) for row in moves.order_by("at", "pk")],
        ),
        Section(
            "delays",
            _("Days that you delayed"),
            [
                records.of(row, "since", "minutes", "at", event=(_("event"), row.event.name))
                for row in delays
            ],
        ),
        Section(
            "log",
            _("What the log says that you did"),
            [_entry(row) for row in log.order_by("at", "pk")],
        ),
    ]


def _reviews(user: User) -> list[Section]:
    votes = Vote.objects.filter(organiser=user).select_related("proposal__pitch")
    steps = Preparation.objects.filter(by=user).select_related("proposal__pitch")
    filters = SavedFilter.objects.filter(person=user).select_related("event")
    announcements = Announcement.objects.filter(by=user).select_related("event")
    return [
        Section(
            "votes",
            _("Your votes on sessions"),
            [
                records.of(row, "value", "at", session=(_("session"), row.proposal.heading))
                for row in votes.order_by("pk")
            ],
        ),
        Section(
            "preparations",
            _("Decisions that you have prepared"),
            [
                records.of(row, "after", "at", session=(_("session"), row.proposal.heading))
                for row in steps.order_by("pk")
            ],
        ),
        Section(
            "announcements",
            _("Announcements that you sent"),
            [
                records.of(row, "send_at", "state", event=(_("event"), row.event.name))
                for row in announcements.order_by("pk")
            ],
        ),
        Section(
            "saved_filters",
            _("Your saved filters"),
            [
                records.of(row, "name", "query", event=(_("event"), row.event.name))
                for row in filters.order_by("pk")
            ],
        ),
    ]


def _move(row: Move) -> records.Record:
    session, event = (_("session"), row.proposal.heading), (_("event"), row.event.name)
    return records.of(row, "at", "kind", session=session, event=event)


def _merges(user: User) -> Section:
    rows = Merge.objects.filter(by=user).select_related("event", "source", "target")
    title = _("Pitches that you have merged")
    return Section("merges", title, [_merge(row) for row in rows.order_by("at", "pk")])


def _merge(row: Merge) -> records.Record:
    source, target = (_("pitch"), row.source.title), (_("into"), row.target.title)
    return records.of(row, "at", "undone_at", source=source, target=target)


def _entry(row: LogEntry) -> records.Record:
    pitch = (_("pitch"), row.pitch.title if row.pitch else "")
    return records.of(row, "at", "action", event=(_("event"), row.event.name), pitch=pitch)


def _when(row: object) -> tuple[records.Words, dt.datetime]:
    return _("when"), row.pgh_created_at  # type: ignore[attr-defined]  # a kept version


def refusal(user: User) -> LastOrganiser | None:
    """Locks the events that ``user`` organises to the end of the transaction."""
    role = Membership.Role.ORGANISER
    mine = Event.objects.filter(memberships__user=user, memberships__role=role).order_by("pk")
    events = list(mine.select_for_update(of=("self",), no_key=True))
    others = Membership.objects.filter(event__in=events, role=role, user__is_active=True)
    organised = set(others.exclude(user=user).values_list("event_id", flat=True))
    alone = [event for event in events if event.pk not in organised]
    return LastOrganiser(alone) if alone else None


def leaving(user: User, *, keep: bool) -> Leaving:
    """What :func:`erase` would do with the pitches of ``user``; two queries.

    A pitch that somebody else leads, too, is theirs then. Of the others drafts go, and what hangs
    on the wall stays without a name if that is wished (``keep``); what nobody sees is emptied.
    """
    led = Host.objects.accepted().exclude(person=user).values_list("pitch_id", flat=True)
    shared = set(led.filter(pitch__owner=user))
    alone = [
        (pk, state)
        for pk, state in user.owned_pitches.order_by("pk").values_list("pk", "state")
        if pk not in shared
    ]
    kept = tuple(pk for pk, state in alone if keep and state == Pitch.State.PUBLIC)
    drafts = tuple(pk for pk, state in alone if state == Pitch.State.DRAFT)
    return Leaving(
        deleted=drafts,
        passed_on=tuple(sorted(shared)),
        kept=kept,
        emptied=tuple(pk for pk, _state in alone if pk not in {*drafts, *kept}),
    )


def erase(user: User, *, keep: bool, to: User, now: dt.datetime) -> Leaving:
    """Part ``user`` from every pitch; what nobody else leads and must stay belongs to ``to``.

    See :func:`leaving`; the caller holds the pitches.
    """
    fate = leaving(user, keep=keep)
    for pitch in Pitch.objects.filter(pk__in=fate.passed_on):
        others = pitch.hosts.accepted().exclude(person=user)
        Pitch.objects.filter(pk=pitch.pk).update(owner=others[0].person_id)
    for pitch in Pitch.objects.filter(pk__in=fate.emptied).order_by("pk"):
        _empty(pitch, by=user, now=now)
    Pitch.objects.filter(pk__in=fate.deleted).delete()
    user.owned_pitches.update(owner=to)
    history.amend(Pitch, {"owner_id": to.pk}, owner_id=user.pk)
    _forget_texts([*fate.deleted, *fate.kept, *fate.emptied])
    return fate


def forget(user_id: int) -> None:
    """What history still says of an account that is gone."""
    history.forget(Membership, user_id=user_id)
    history.forget(Host, person_id=user_id)
    history.amend(OrganiserNote, {"author_id": None}, author_id=user_id)
    history.amend(Placement, {"moved_by_id": None}, moved_by_id=user_id)
    for merge in Merge.objects.filter(moved__own__contains=[{"user": user_id}]):
        merge.moved["own"] = [own for own in merge.moved["own"] if own["user"] != user_id]
        merge.save(update_fields=["moved"])


def _empty(pitch: Pitch, *, by: User, now: dt.datetime) -> None:
    """Off the wall, and nothing of its text is left: what others wrote below it stays theirs."""
    if pitch.state == Pitch.State.PUBLIC:
        pitching.withdraw(pitch, by=by, now=now)
    with translation.override(pitch.language):
        title = gettext("Withdrawn pitch")
    pitch.tags.clear()
    pitch.title, pitch.body, pitch.updated_at = title, "", now
    pitch.save(update_fields=["title", "body", "updated_at"])
    pitch.proposals.update(title="", abstract="", needs="")


def _forget_texts(pitch_ids: Iterable[int]) -> None:
    """Older versions, what organisers noted of them, and tags that nothing else carries."""
    ids = list(pitch_ids)
    OrganiserNote.objects.filter(pitch__in=ids).delete()
    AnnouncedMail.objects.filter(decision__proposal__pitch__in=ids).delete()
    for model, column in (
        (Pitch, "pgh_obj_id"),
        (Proposal, "pitch_id"),
        (PitchTag, "content_object_id"),
        (Host, "pitch_id"),
        (OrganiserNote, "pitch_id"),
    ):
        history.forget(model, **{f"{column}__in": ids})
    _unused_tags().delete()


def _unused_tags() -> QuerySet[Tag]:
    return Tag.objects.filter(items__isnull=True)
