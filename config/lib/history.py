"""Which changes of a row are kept (django-pghistory's triggers, so bulk updates count too)."""

from collections.abc import Callable
from typing import TypeVar

import pghistory
from django.db.models import Model

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
