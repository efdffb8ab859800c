"""Which changes of a row are kept (django-pghistory's triggers, so bulk updates count too)."""

import pghistory


def tracked(*, exclude: tuple[str, ...] = ()):
    """Class decorator: keep every version of a row in a table ``…History`` of its own app.

    ``exclude`` names columns that are derived or counted; a change in them alone keeps nothing.
    """

    def decorate(model):
        return pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            model_name=f"{model.__name__}History",
            exclude=list(exclude),
        )(model)

    return decorate
