"""Which changes of a row are kept (django-pghistory's triggers, so bulk updates count too)."""

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.apps import apps
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def tracked(*, exclude: tuple[str, ...] = ()) -> Callable[[type[M]], type[M]]:
    """Class decorator: keep every version of a row in a table ``…History`` of its own app.

    ``exclude`` names columns that are derived or counted; a change in them alone keeps nothing.
    """

    def decorate(model: type[M]) -> type[M]:
        return pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            model_name=f"{model.__name__}History",
            exclude=list(exclude),
        )(model)

    return decorate


def versions_of(model: type[Model]) -> QuerySet[Any]:
    """The kept versions of all rows of a tracked model, deleted rows included."""
    table = apps.get_model(model._meta.app_label, f"{model.__name__}History")
    return table._default_manager.all()


def forget(model: type[Model], **which: Any) -> None:
    """Delete kept versions for good, which triggers forbid to everybody else."""
    versions = versions_of(model).filter(**which)
    with pgtrigger.ignore(f"{versions.model._meta.label}:append_only"):
        versions.delete()


def amend(model: type[Model], values: dict[str, Any], **which: Any) -> None:
    """Change what kept versions say, which triggers forbid to everybody else."""
    versions = versions_of(model).filter(**which)
    with pgtrigger.ignore(f"{versions.model._meta.label}:append_only"):
        versions.update(**values)
