"""What is stored about a person or a guest in discussions, and how their comments lose them."""

import datetime as dt
import re
from collections.abc import Iterable

from django.db.models import F, Func, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comments import forgetting
from comments.models import (
    Act,
    Ban,
    Comment,
    Flag,
    Follow,
    Like,
    LinkScan,
    Mute,
    Notice,
    Outgoing,
    Pace,
    Proof,
    Visit,
)
from comments.models.comment import CommentQuerySet
from config.lib import history, records
from config.lib.records import Section
from sessions.models import Pitch
from speakers.models import User

COMMENT_FIELDS = (
    "state", "body", "guest_name", "guest_email", "guest_site", "created_at", "edited_at",
)  # fmt: skip


def comments_of(user: User, addresses: Iterable[str]) -> CommentQuerySet:
    """What somebody wrote with the account, and as a guest with an address that is theirs."""
    return Comment.objects.filter(Q(author=user) | Q(pk__in=_by_guest(addresses)))


def comments_by_guest(email: str) -> CommentQuerySet:
    return Comment.objects.filter(pk__in=_by_guest([email]))


def _by_guest(addresses: Iterable[str]) -> QuerySet[Comment, int]:
    mine = Q(pk__in=())
    for email in addresses:
        mine |= Q(author=None, guest_email__iexact=email)
    return Comment.objects.filter(mine).values_list("pk", flat=True)


def has_anything(email: str) -> bool:
    """Whether discussions keep anything under an address; two queries."""
    return comments_by_guest(email).exists() or Ban.objects.meeting(email=email).exists()


def exported(user: User, addresses: Iterable[str]) -> list[Section]:
    """About a dozen queries, however many rows there are."""
    return [
        *_written(comments_of(user, addresses)),
        *_marked(user),
        *_heard(user),
        _bans(Ban.objects.filter(Q(user=user) | Q(email__in=addresses))),
        _acts(user),
    ]


def exported_of_guest(email: str) -> list[Section]:
    return [*_written(comments_by_guest(email)), _bans(Ban.objects.meeting(email=email))]


def _written(comments: CommentQuerySet) -> list[Section]:
    rows = list(comments.select_related("pitch__event").order_by("pk"))
    versions = history.versions_of(Comment).filter(pgh_obj_id__in=[row.pk for row in rows])
    return [
        Section(
            "comments",
            _("Comments"),
            [
                records.of(
                    row,
                    *COMMENT_FIELDS,
                    id=(_("number"), row.pk),
                    event=(_("event"), row.pitch.event.name),
                    pitch=(_("pitch"), row.pitch.title),
                )
                for row in rows
            ],
        ),
        Section(
            "comment_versions",
            _("Versions of your comments"),
            [
                records.of(
                    row,
                    *COMMENT_FIELDS,
                    id=(_("number"), row.pgh_obj_id),
                    at=(_("when"), row.pgh_created_at),
                )
                for row in versions.order_by("pgh_id")
            ],
        ),
    ]


def _marked(user: User) -> list[Section]:
    likes = Like.objects.filter(user=user).select_related("comment__pitch").order_by("pk")
    flags = Flag.objects.filter(user=user).select_related("comment__pitch").order_by("pk")
    return [
        Section("likes", _("Comments that you like"), [_on_comment(row) for row in likes]),
        Section(
            "flags",
            _("Comments that you reported"),
            [_on_comment(row, "reason", "note") for row in flags],
        ),
    ]


def _heard(user: User) -> list[Section]:
    paces = Pace.objects.filter(user=user)
    follows = Follow.objects.filter(user=user).select_related("pitch").order_by("pk")
    mutes = Mute.objects.filter(user=user).select_related("root__pitch").order_by("pk")
    visits = Visit.objects.filter(user=user).select_related("pitch").order_by("pk")
    notices = Notice.objects.filter(user=user).select_related("comment__pitch").order_by("pk")
    return [
        Section(
            "mail_pace",
            _("Mails about discussions"),
            [(records.column(row, "choice", _("how often")),) for row in paces],
        ),
        Section(
            "follows",
            _("Discussions that you follow or have muted"),
            [_follow(row) for row in follows],
        ),
        Section("mutes", _("Threads that you have muted"), [_mute(row) for row in mutes]),
        Section("visits", _("When you last read a discussion"), [_visit(row) for row in visits]),
        Section("notices", _("What a mail will tell you soon"), [_notice(row) for row in notices]),
    ]


def _follow(row: Follow) -> records.Record:
    pitch, since = (_("pitch"), row.pitch.title), (_("since"), row.created_at)
    what = records.column(row, "state", _("what you hear"))
    return (*records.of(row, pitch=pitch, since=since), what)


def _mute(row: Mute) -> records.Record:
    return records.of(
        row,
        comment=(_("comment"), row.root_id),
        pitch=(_("pitch"), row.root.pitch.title),
        since=(_("since"), row.created_at),
    )


def _visit(row: Visit) -> records.Record:
    return records.of(
        row,
        pitch=(_("pitch"), row.pitch.title),
        latest=(_("the last time"), row.latest),
        before=(_("the time before"), row.before),
    )


def _notice(row: Notice) -> records.Record:
    pitch = (_("pitch"), row.comment.pitch.title)
    why = records.column(row, "cause", _("why"))
    comment, due_at = (_("comment"), row.comment_id), (_("not before"), row.due_at)
    return (*records.of(row, comment=comment, pitch=pitch, due_at=due_at), why)


def _on_comment(row: Like | Flag, *names: str) -> records.Record:
    return records.of(
        row,
        *names,
        comment=(_("comment"), row.comment_id),
        pitch=(_("pitch"), row.comment.pitch.title),
        at=(_("when"), row.created_at),
    )


def _bans(bans: QuerySet[Ban]) -> Section:
    rows = bans.select_related("event").order_by("pk")
    return Section(
        "bans",
        _("Discussions from which you are banned"),
        [
            records.of(row, "email", "note", "created_at", event=(_("event"), row.event.name))
            for row in rows
        ],
    )


def _acts(user: User) -> Section:
    rows = Act.objects.filter(actor=user).select_related("event").order_by("pk")
    return Section(
        "moderation",
        _("What you did as a moderator"),
        [
            records.of(row, "at", "kind", "rule", "note", event=(_("event"), row.event.name))
            for row in rows
        ],
    )


def hold(user: User, addresses: Iterable[str]) -> None:
    """Lock every pitch that somebody owns or wrote below, in one order, so that two who leave at
    the same time do not wait for each other.
    """
    written = comments_of(user, addresses).values("pitch")
    pitches = Pitch.objects.filter(Q(owner=user) | Q(pk__in=written)).order_by("pk")
    list(pitches.select_for_update(no_key=True).values_list("pk"))


def erase(comments: CommentQuerySet, *, keep: bool, now: dt.datetime) -> list[int]:
    """Part ``comments`` from whoever wrote them; returns their ids.

    With ``keep`` what is public stays without a name. Of the rest a tombstone stays where somebody
    answered, and nothing otherwise.
    """
    pitches = Pitch.objects.filter(pk__in=comments.values("pitch")).order_by("pk")
    list(pitches.select_for_update(no_key=True))  # nobody answers meanwhile
    rows = list(comments.select_for_update(of=("self",)).order_by("-depth", "pk"))
    ids = [row.pk for row in rows]
    Act.objects.filter(comment__in=ids).update(note="")
    for row in rows:  # the deepest first: an answer to oneself goes before what it answers
        if not (keep and row.is_published):
            forgetting.bury(row, now=now)
    Comment.objects.filter(pk__in=ids, state=Comment.State.PUBLISHED).update(
        author=None, visitor=None, guest_name="", guest_email="", guest_site=""
    )
    history.forget(Comment, pgh_obj_id__in=ids)
    return ids


def unlink(address: str) -> None:
    """Turn links to a profile into their words, in what others wrote and in its old versions."""
    link = rf'<a href="[^"]*{re.escape(address)}"[^>]*>(.*?)</a>'
    words = Func(F("body_html"), Value(link), Value(r"\1"), Value("g"), function="regexp_replace")
    linked = {"body_html__contains": f'{address}"'}
    Comment.objects.filter(**linked).update(body_html=words)
    history.amend(Comment, {"body_html": words}, **linked)


def forget_links(pitch_ids: Iterable[int]) -> None:
    """Where the text of these pitches had led to, which is gone now."""
    Outgoing.objects.filter(pitch__in=pitch_ids).delete()
    LinkScan.objects.filter(pitch__in=pitch_ids).delete()


def forget(user_id: int) -> None:
    """What history still says of an account that is gone."""
    history.forget(Ban, user_id=user_id)
    history.amend(Ban, {"by_id": None}, by_id=user_id)


def forget_addresses(addresses: Iterable[str]) -> None:
    """What is left under guests' addresses but bans, which keep them."""
    for email in addresses:
        Proof.objects.filter(email__iexact=email).delete()
        history.forget(Comment, guest_email__iexact=email)


def quotation_of(comment_ids: Iterable[int]) -> str:
    """A regular expression for what a mail holds that quotes one of these comments: its link."""
    ids = "|".join(map(str, comment_ids))
    before, _zero, _after = reverse("comments:permalink", args=[0]).rpartition("0")
    return rf"(#comment-|{before})({ids})([^0-9]|$)"
