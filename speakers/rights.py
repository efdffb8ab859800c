"""What is stored about a person as such, and how an account ends."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from config.lib import history, records
from config.lib.records import Section
from speakers import accounts
from speakers.models import Profile, User

PROFILE_FIELDS = ("name", "text", "organisation", "links", "picture")
#: Owns what stays of those who have left. Nobody can log in with it, and nothing shows it.
NOBODY = "nobody@erased.invalid"


class LastSuperuser(Exception):
    """Somebody must be able to look after the site; ``str()`` is fit to be shown."""

    def __str__(self) -> str:
        return str(_("Nobody else can look after this site. Make somebody else a superuser first."))


@dataclass(frozen=True, slots=True)
class Known:
    """What an account is known by, collected before it goes. Addresses are in lower case."""

    pk: int
    addresses: tuple[str, ...]  # of which nobody else can say that they are theirs
    proven: tuple[str, ...]
    profile_url: str


def known(user: User) -> Known:
    """Who adds somebody else's address without confirming it has no right to what it received."""
    own = EmailAddress.objects.filter(user=user).order_by("-primary", "pk")
    others = EmailAddress.objects.exclude(user=user).values("email")
    proven = own.filter(verified=True)
    hoped_for = own.filter(verified=False).exclude(email__in=others)
    addresses = [user.email, *_emails(proven), *_emails(hoped_for)]
    return Known(
        pk=user.pk,
        addresses=tuple(dict.fromkeys(email.lower() for email in addresses)),
        proven=tuple(email.lower() for email in _emails(proven)),
        profile_url=accounts.profile_of(user).get_absolute_url(),
    )


def _emails(addresses: QuerySet[EmailAddress]) -> list[str]:
    return list(addresses.values_list("email", flat=True))


def exported(user: User) -> list[Section]:
    """Five queries. Of a way to prove who one is its kind is told, not its secret."""
    profile = accounts.profile_of(user)
    versions = history.versions_of(Profile).filter(pgh_obj_id=profile.pk).order_by("pgh_id")
    addresses = EmailAddress.objects.filter(user=user).order_by("-primary", "pk")
    factors = Authenticator.objects.filter(user=user).order_by("pk")
    account = ("email", "language", "date_joined", "last_login", "is_staff", "is_superuser")
    password = (_("password"), user.has_usable_password())
    return [
        Section("account", _("Account"), [records.of(user, *account, password=password)]),
        Section("profile", _("Profile"), [records.of(profile, "slug", *PROFILE_FIELDS)]),
        Section(
            "profile_versions",
            _("Versions of the profile"),
            [
                records.of(row, *PROFILE_FIELDS, at=(_("when"), row.pgh_created_at))
                for row in versions
            ],
        ),
        Section("addresses", _("E-mail addresses"), [_address(row) for row in addresses]),
        Section(
            "log_in_factors", _("Ways to prove who you are"), [_factor(row) for row in factors]
        ),
    ]


def _address(row: EmailAddress) -> records.Record:
    return records.of(
        row,
        email=(_("e-mail"), row.email),
        confirmed=(_("confirmed"), row.verified),
        main=(_("main address"), row.primary),
    )


def _factor(row: Authenticator) -> records.Record:
    return records.of(
        row,
        "type",
        name=(_("name"), row.data.get("name", "")),
        since=(_("since"), row.created_at),
        last_used=(_("last used"), row.last_used_at),
    )


def refusal(user: User) -> LastSuperuser | None:
    """Locks the superusers, if ``user`` is one, to the end of the transaction."""
    if not user.is_superuser:
        return None
    active = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    others = [each.pk for each in active.select_for_update() if each.pk != user.pk]
    return None if others else LastSuperuser()


def nobody() -> User:
    """The one account that owns what stays without a name; it has no profile and no way in."""
    locked = {"is_active": False, "password": make_password(None)}
    shell, _created = User.objects.get_or_create(email=NOBODY, defaults=locked)
    return shell


@transaction.atomic
def erase(user: User) -> None:
    """Delete the account with all that belongs to it; nothing may protect it any more."""
    picture = accounts.profile_of(user).picture
    storage, name, pk = picture.storage, picture.name, user.pk
    user.delete()
    history.forget(Profile, user_id=pk)
    if name:
        transaction.on_commit(lambda: storage.delete(name))
