"""Two events with one row of everything, whose numbers and words tell them apart.

For tests that show that nobody of one event reaches the other. A model that is new gets a row by
itself; one whose constraints that row would break needs one by hand, in :func:`_by_hand`.
"""

import datetime as dt
import re
from collections.abc import Iterator
from itertools import count

from django.apps import apps
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import IntegrityError, connection, models, transaction
from post_office.models import Email

from comments.models import Ban
from sessions.models import Merge, Tag
from speakers.models import User
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    InterestFactory,
    MembershipFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

CODES = {"failure"}  # text that is a word of the code's, and may be empty
OURS = ("program", "comments", "speakers")
FIRST, APART = 2_000_000, 1_000  # numbers: each model has a range, each event a half of it


def our_models() -> list[type[models.Model]]:
    """Tables of our own and of the mail queue, without the kept versions."""
    found = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    return [*(m for m in found if not m.__name__.endswith("History") and not m._meta.proxy), Email]


class Tenant:
    """An event and one row of every model that belongs to one; ``word`` stands in all its texts."""

    def __init__(self, word: str, *, half: int) -> None:
        self.word, self.half = word, half
        self.ranges = {}
        for number, model in enumerate(our_models()):
            self.ranges[model] = FIRST + (2 * number + half) * APART
            _count_from(model, self.ranges[model])
        self.numbers = count(1)
        self.rows: dict[type[models.Model], models.Model] = {}
        _by_hand(self)
        for model in our_models():
            self.row(model)

    def row(self, model: type[models.Model]) -> models.Model:
        """The row of ``model``, made if there is none yet."""
        if model not in self.rows:
            values = dict(self._values(model))
            try:
                with transaction.atomic():
                    self.rows[model] = model._base_manager.create(**values)
            except IntegrityError as error:
                message = f"{model.__name__} wants a row by hand in tests/tenants.py: {error}"
                raise AssertionError(message) from error
        return self.rows[model]

    def text(self, field: models.Field) -> str:
        number = next(self.numbers)
        if isinstance(field, models.EmailField):
            return f"{self.word}{number}@example.org".lower()
        if isinstance(field, models.URLField):
            return f"https://{self.word}.example/{number}".lower()
        return f"{self.word} {number}"[: field.max_length or 60]

    def _values(self, model: type[models.Model]) -> Iterator[tuple[str, object]]:
        for field in model._meta.concrete_fields:
            if field.generated or isinstance(field, models.AutoField) or field.name in CODES:
                continue
            if field.is_relation:
                if field.related_model is not model:
                    yield field.name, self.row(field.related_model)
            elif not (field.has_default() or field.null) or _is_words(field):
                yield field.name, self._value(field)

    def _value(self, field: models.Field) -> object:
        if field.choices:
            return field.choices[0][0]
        if isinstance(field, models.CharField | models.TextField):
            return self.text(field)
        if isinstance(field, models.DateTimeField):
            return NOW
        if isinstance(field, models.DateField):
            return NOW.date()
        if isinstance(field, DateTimeRangeField):
            return during(hour(1))
        if isinstance(field, ArrayField):
            return []
        if isinstance(field, models.IntegerField | models.FloatField | models.DecimalField):
            return 1
        raise AssertionError(f"{field} wants a value in tests/tenants.py")


def _is_words(field: models.Field) -> bool:
    words = isinstance(field, models.CharField | models.TextField)
    return words and not (field.choices or field.has_default())


def _count_from(model: type[models.Model], number: int) -> None:
    """Numbers of new rows; for ever, sequences know no transaction."""
    if isinstance(model._meta.pk, models.AutoField):
        table, column = model._meta.db_table, model._meta.pk.column
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, column, number]
            )


def _by_hand(its: Tenant) -> None:
    """What constraints or factories know more of."""
    word = its.word
    event = EventFactory(name=word, slug=f"tenant-{its.half}", about=word, place=word)
    people = [UserFactory(profile__name=f"{word} {n}", confirmed=True) for n in range(2)]
    sessions = [
        ProposalFactory(
            accepted=True,
            pitch__event=event,
            pitch__owner=person,
            pitch__title=f"{word} {n}",
            pitch__body=word,
            title=f"{word} session {n}",
        )
        for n, person in enumerate(people)
    ]
    pitch, room = sessions[0].pitch, RoomFactory(event=event, name=word, slug=f"room-{its.half}")
    tag = Tag.objects.create(name=word, slug=f"tag-{its.half}")
    pitch.tags.add(tag)
    draft = ScheduleFactory(event=event)
    for schedule in (ScheduleFactory(event=event, version=1), draft):
        place = PlacementFactory(schedule=schedule, proposal=sessions[0], room=room)
    made = [
        event, people[0], people[0].profile, sessions[0], pitch, room, tag, draft, place,
        pitch.tag_items.get(),
        MembershipFactory(event=event),
        HostFactory(pitch=pitch, person=people[1]),
        SlotFactory(event=event, number=1, title=word),
        InterestFactory(proposal=sessions[0]),
        CommentFactory(pitch=pitch, author=people[1], body=word, proposal=sessions[0]),
        Ban.objects.create(event=event, email=f"{word}@example.org".lower(), note=word),
        Email.objects.create(from_email="a@example.org", to=[people[0].email], subject=word,
                             message=word, scheduled_time=NOW + dt.timedelta(days=900)),
        Merge.objects.create(event=event, source=sessions[1].pitch, target=pitch, at=NOW),
    ]  # fmt: skip
    its.rows |= {type(row): row for row in made}
    its.rows[User] = people[0]


def swap(text: str, names: dict[str, str]) -> str:
    """``text`` with what names rows of one event naming those of the other."""
    return re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], text)


def counterparts(of: Tenant, to: Tenant) -> dict[str, str]:
    """Numbers, codes and slugs of every row, and those of the same row of the other event.

    No number is part of another one, and none looks like a capacity or a time. None holds the
    foreign word: a page may repeat what it was sent.
    """
    names = {}
    for model in our_models():
        lower, other = of.ranges[model], to.ranges[model]
        for number in model._base_manager.filter(
            pk__gt=lower, pk__lt=lower + APART
        ).values_list("pk", flat=True):  # fmt: skip
            names[str(number)] = str(number - lower + other)
        for field in ("code", "slug", "step"):
            one, another = (getattr(tenant.rows[model], field, None) for tenant in (of, to))
            if one and another and to.word.lower() not in str(another):
                names[str(one)] = str(another)
    return names
