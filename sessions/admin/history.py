"""Who changed what of a row and of what belongs to it, read from pghistory's tables."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.paginator import Page, Paginator
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.lib import text
from sessions.models import (
    Event,
    Host,
    MailTemplate,
    Membership,
    OrganiserNote,
    Pitch,
    Placement,
    Proposal,
    Room,
    Slot,
)
from speakers.models import Profile, User

PER_PAGE = 50

# What belongs to a row and has no page of its own: its model, and its column for the owner.
PARTS: dict[type[models.Model], tuple[tuple[type[models.Model], str], ...]] = {
    Event: tuple((model, "event_id") for model in (Room, Slot, Membership, MailTemplate)),
    Pitch: ((Proposal, "pitch_id"), (Host, "pitch_id"), (OrganiserNote, "pitch_id")),
    Proposal: ((Placement, "proposal_id"),),
    User: ((Profile, "user_id"),),
}
# Derived columns, and what not even organisers see of a guest.
UNSHOWN = frozenset(
    "id slug code created_at updated_at body_html path depth root parent visitor guest_email "
    "sequence revision moved_by moved_at schedule".split()
)
NAMES = ("title", "name", "text", "person_id", "user_id", "room_id")


@dataclass(frozen=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """``kind`` is pghistory's label: insert, update or delete."""

    at: dt.datetime
    who: str
    kind: str
    row: str
    fields: tuple[FieldChange, ...]


def of(obj: models.Model, *, page: str | None) -> Page:
    """One page of changes, the newest first; a query per table and one per kind of name in it."""
    snapshots = []
    for model, column in ((type(obj), "pgh_obj_id"), *PARTS.get(type(obj), ())):
        snapshots += [(model, row) for row in _snapshots(model, {column: obj.pk})]
    names = Names(snapshots)
    before: dict[tuple, Any] = {}
    changes = []
    for model, row in sorted(snapshots, key=lambda each: (each[1].pgh_created_at, each[1].pk)):
        changes.append(_change(model, row, before=before.get((model, row.pgh_obj_id)), names=names))
        before[model, row.pgh_obj_id] = row
    return Paginator(changes[::-1], PER_PAGE).get_page(page)


def _snapshots(model, where: dict[str, Any]):
    try:
        table = apps.get_model(model._meta.app_label, f"{model.__name__}History")
    except LookupError:  # a model that is not tracked
        return []
    return table.objects.filter(**where).select_related("pgh_context").order_by("pk")


def _change(model, row, *, before, names: "Names") -> Change:
    fields = ()
    if row.pgh_label == "update" and before is not None:
        fields = tuple(
            FieldChange(
                label=str(field.verbose_name),
                before=names.display(field, getattr(before, field.attname)),
                after=names.display(field, getattr(row, field.attname)),
            )
            for field in _shown(model, row)
            if getattr(before, field.attname) != getattr(row, field.attname)
        )
    elif row.pgh_label == "delete" and model is MailTemplate:  # words that one may want back
        fields = tuple(
            FieldChange(label=str(field.verbose_name), before=getattr(row, field.name), after="–")
            for field in map(model._meta.get_field, ("subject", "body"))
        )
    return Change(
        at=row.pgh_created_at,
        who=names.actor(row),
        kind=row.pgh_label,
        row=_row_name(model, row, names),
        fields=fields,
    )


def _shown(model, row):
    return [
        field
        for field in model._meta.concrete_fields
        if field.name not in UNSHOWN and hasattr(row, field.attname)
    ]


def _row_name(model, row, names: "Names") -> str:
    kind = str(model._meta.verbose_name)
    if model is Slot:
        return f"{kind} {names.display(Slot._meta.get_field('starts_at'), row.starts_at)}"
    if model is MailTemplate:
        which = {name: model._meta.get_field(name) for name in ("kind", "language")}
        shown = [names.display(field, getattr(row, name)) for name, field in which.items()]
        return f"{kind} {', '.join(shown)}"
    for name in NAMES:
        if value := getattr(row, name, None):
            field = model._meta.get_field(name.removesuffix("_id"))
            shown = text.excerpt(names.display(field, value), 60)
            return _("%(kind)s “%(name)s”") % {"kind": kind, "name": shown}
    return kind


class Names:
    """Values of snapshots as people read them; other rows by their names, loaded in bulk."""

    def __init__(self, snapshots) -> None:
        wanted: dict[type[models.Model], set] = defaultdict(set)
        for model, row in snapshots:
            wanted[User].add(_actor_id(row))
            for field in _shown(model, row):
                if field.is_relation:
                    wanted[field.related_model].add(getattr(row, field.attname))
        self._names = {model: self._load(model, ids - {None}) for model, ids in wanted.items()}

    @staticmethod
    def _load(model, ids: set) -> dict[int, str]:
        rows = model._base_manager.filter(pk__in=ids)
        if model is User:
            named = rows.values_list("pk", "profile__name", "email")
            return {pk: name or email for pk, name, email in named}
        if model is Proposal:
            rows = rows.select_related("pitch")
        return {row.pk: str(row) for row in rows}

    def actor(self, row) -> str:
        return self._names[User].get(_actor_id(row), "")

    def display(self, field, value) -> str:
        if value is None or value == "" or value == []:
            return "–"
        if field.is_relation:
            return self._names[field.related_model].get(value, f"#{value}")
        if field.flatchoices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, dt.datetime):
            return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        if isinstance(value, dt.date):
            return date_format(value, "SHORT_DATE_FORMAT")
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if hasattr(value, "lower") and hasattr(value, "upper") and not isinstance(value, str):
            return f"{self.display(field, value.lower)} – {self.display(field, value.upper)}"
        return str(value)


def _actor_id(row) -> int | None:
    return row.pgh_context.metadata.get("user") if row.pgh_context_id else None
