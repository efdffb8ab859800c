"""Database constraints that Django has no class for."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models.constraints import BaseConstraint


class CompositeForeignKey(BaseConstraint):
    """``(column, …) REFERENCES table (column, …)`` inside one table, deferred to commit.

    Ties a row to another row *of the same owner*, which a plain foreign key cannot say: a
    reply and its parent must share their pitch. The referenced columns need a unique
    constraint. PostgreSQL checks it (``MATCH SIMPLE``: no check while a column is NULL);
    :meth:`validate` does nothing, since forms choose the parent from the same owner's rows.
    """

    def __init__(self, *, name: str, fields: tuple[str, ...], to_fields: tuple[str, ...]) -> None:
        super().__init__(name=name)
        self.fields = tuple(fields)
        self.to_fields = tuple(to_fields)

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "fields": self.fields, "to_fields": self.to_fields}

    def __eq__(self, other: object) -> bool:
        if isinstance(other, CompositeForeignKey):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    __hash__ = BaseConstraint.__hash__

    def _clause(self, model: Any, schema_editor: Any) -> str:
        def columns(names: tuple[str, ...]) -> str:
            return ", ".join(
                schema_editor.quote_name(model._meta.get_field(name).column) for name in names
            )

        return (
            f"FOREIGN KEY ({columns(self.fields)}) "
            f"REFERENCES {schema_editor.quote_name(model._meta.db_table)} "
            f"({columns(self.to_fields)}) DEFERRABLE INITIALLY DEFERRED"
        )

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        # Inline it would run before the unique constraint that it refers to exists.
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        name = schema_editor.quote_name(self.name)
        return f"ALTER TABLE {table} ADD CONSTRAINT {name} {self._clause(model, schema_editor)}"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} DROP CONSTRAINT {schema_editor.quote_name(self.name)}"

    def validate(
        self, model: Any, instance: Any, exclude: Any = None, using: str = DEFAULT_DB_ALIAS
    ) -> None:
        pass
