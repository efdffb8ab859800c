from importlib import import_module

from django.apps import AppConfig


class StellwandConfig(AppConfig):
    """The composition root: commands, template tags, catalogues and checks of the whole site."""

    name = "config"
    verbose_name = "Stellwand"

    def ready(self) -> None:
        from config import checks  # noqa: F401  registers them

        # The desk shows what our own apps register with it, and nothing of the libraries.
        for app in ("sessions", "comments"):
            import_module(f"{app}.admin")
