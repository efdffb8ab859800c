"""The people who lead sessions, as a table: what organisers need to write to them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tablib import Dataset

from config.lib.forms import CleanCharField, CleanEmailField
from sessions.models import Pitch
from sessions.tables.base import Table, column
from speakers import accounts
from speakers.models import Profile, User

NAME_MAX_LENGTH = Profile._meta.get_field("name").max_length or 0


@dataclass
class PersonRow:
    """``sessions`` counts those of pitches that hang on the wall."""

    email: str = ""
    name: str = ""
    sessions: int | None = None


class People(Table):
    """Whoever has an account stays as they named themselves; who has none gets an unconfirmed
    one, which vanishes after two days unless they lead something by then.
    """

    slug = "people"
    label = gettext_lazy("People")
    required = ("email", "name")

    email = column("email", CleanEmailField())
    name = column("name", CleanCharField(max_length=NAME_MAX_LENGTH))
    sessions = column("sessions")

    def rows(self) -> Iterator[PersonRow]:
        """One query."""
        theirs = Q(hosting__pitch__event=self.event, hosting__state="accepted")
        theirs &= ~Q(hosting__pitch__state=Pitch.State.MERGED)
        led = Q(hosting__pitch__state=Pitch.State.PUBLIC)
        counted = Count("hosting__pitch__proposals", filter=theirs & led, distinct=True)
        people = User.objects.filter(theirs).annotate(n=counted).order_by("profile__name", "pk")
        for email, name, sessions in people.values_list("email", "profile__name", "n"):
            yield PersonRow(email, name or "", sessions)

    def blank(self) -> PersonRow:
        return PersonRow()

    def before_import(self, dataset: Dataset, **kwargs: object) -> None:
        self.known = {person.email.lower(): person for person in self.rows()}

    def find(self, row: dict[str, str]) -> PersonRow | None:
        """An account that leads nothing here tells nothing of itself, not even its name."""
        email = self.read("email", row).lower()
        self.once("email", email)
        if email in self.known:
            return self.known[email]
        if User.objects.filter(email__iexact=email).exists():
            return PersonRow(self.read("email", row), self.read("name", row))
        return None

    def write(self, row: PersonRow, *, is_new: bool) -> None:
        if not is_new:
            raise ValidationError({"name": _("People name themselves, on their own page.")})
        accounts.create(row.email, name=row.name, language=self.event.language)
