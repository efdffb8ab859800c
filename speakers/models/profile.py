from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.lib import codes
from config.lib.history import tracked
from config.lib.text import slugify

TEXT_MAX_LENGTH = 2_000
LINKS_MAX = 5


def picture_path(profile: "Profile", filename: str) -> str:
    """A name that cannot be guessed and never comes from the upload."""
    return f"people/{codes.new_code()}{codes.new_code()}.webp"


class ProfileQuerySet(models.QuerySet["Profile"]):
    def public(self) -> Self:
        """People whose account is active; whether they show anything is up to the page."""
        return self.filter(user__is_active=True)


@tracked()
class Profile(models.Model):
    """What everyone may know about a person. Exists for every account."""

    user = models.OneToOneField("speakers.User", models.CASCADE, related_name="profile")
    slug = models.SlugField(_("address"), max_length=80, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(
        _("about you"), blank=True, validators=[MaxLengthValidator(TEXT_MAX_LENGTH)]
    )
    organisation = models.CharField(_("organisation"), max_length=120, blank=True)
    links = ArrayField(
        models.URLField(max_length=300), verbose_name=_("links"), default=list, blank=True
    )
    picture = models.ImageField(_("picture"), upload_to=picture_path, blank=True)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="profile_has_name")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = f"{slugify(self.name, 70) or 'person'}-{codes.new_code()}"
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("speakers:profile", args=[self.slug])
