import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserQuerySet(models.QuerySet["User"]):
    def with_profile(self) -> Self:
        """One join; for every list that shows names."""
        return self.select_related("profile")

    def reachable(self) -> Self:
        """Active accounts that have proved the address which mail goes to."""
        return self.filter(
            is_active=True,
            emailaddress__verified=True,
            emailaddress__email__iexact=models.F("email"),
        )

    def unconfirmed(self, *, before: dt.datetime) -> Self:
        """Accounts that were begun before a moment, whose address nobody confirmed, and that
        nothing but their own profile and address refers to.
        """
        own = {"profile", "emailaddress"}
        untouched = {
            f"{relation.name}__isnull": True
            for relation in self.model._meta.related_objects
            if relation.name not in own and not relation.related_model._meta.proxy
        }
        return (
            self.filter(date_joined__lt=before, last_login=None, is_staff=False, **untouched)
            .filter(emailaddress__verified=False)
            .exclude(emailaddress__verified=True)
        )


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account that logs in by mailed code unless ``password`` is given."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. The name that others see is on its :class:`~speakers.models.Profile`."""

    email = models.EmailField(
        _("e-mail"),
        unique=True,
        error_messages={"unique": _("There is an account with this e-mail address already.")},
    )
    language = models.CharField(
        _("language"), max_length=7, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    is_staff = models.BooleanField(
        _("may open the desk"),
        default=False,
        help_text=_("Organisers also need a membership in their event."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_ignoring_case",
                violation_error_message=_("There is an account with this e-mail address already."),
            )
        ]

    def __str__(self) -> str:
        return self.email


Viewer = User | AnonymousUser
