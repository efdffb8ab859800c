#!/usr/bin/env python
"""Django's command line. Starts the embedded PostgreSQL for commands that need a database."""

import os
import sys

# Commands that work without a database, and the two that look after it themselves.
NEEDS_NO_DATABASE = frozenset(
    {
        *("--help", "--version", "-h", "help", "version"),
        *("check", "collectstatic", "diffsettings", "findstatic", "messages"),
        *("devdb", "run"),
    }
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not os.environ.get("DATABASE_URL"):
        # Nobody runs a public site on the embedded database: this is a machine for development.
        os.environ.setdefault("DEBUG", "1")
        _start_database(sys.argv[1:])
    from django.core.management import (
        execute_from_command_line,
    )  # after the line above: reads DEBUG

    execute_from_command_line(sys.argv)


def _start_database(arguments: list[str]) -> None:
    from config import devdb  # only here: an external database needs none of its packages

    if arguments and arguments[0] not in NEEDS_NO_DATABASE:
        try:
            devdb.ensure_running()
        except devdb.DevdbError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
