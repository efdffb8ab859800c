from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgramConfig(AppConfig):
    """Events, pitches, curation and schedule; the label avoids django.contrib.sessions."""

    name = "sessions"
    label = "program"
    verbose_name = _("Programme")
    default_auto_field = "django.db.models.BigAutoField"
