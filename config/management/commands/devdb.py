"""`manage.py devdb …`: look after the embedded PostgreSQL by hand."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import devdb, devdb_copies

NOT_RUNNING = 3  # as `pg_ctl status` says it


class Command(BaseCommand):
    help = "Look after the embedded PostgreSQL, which is used while DATABASE_URL is unset."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("status", help="say whether it runs and where its files are")
        actions.add_parser("start", help="start it, and recover from a crash if there was one")
        actions.add_parser("stop", help="end it in order")
        psql = actions.add_parser("psql", help="open PostgreSQL's own command line")
        psql.add_argument("arguments", nargs=argparse.REMAINDER, help="for psql, after --")
        for action, help_text in (
            ("dump", "write the whole database to FILE"),
            ("restore", "replace the whole database by what FILE holds"),
        ):
            actions.add_parser(action, help=help_text).add_argument("file", type=Path)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if os.environ.get("DATABASE_URL") and action not in {"status", "stop"}:
            raise CommandError(
                "DATABASE_URL is set: the site does not use the embedded PostgreSQL."
            )
        try:
            getattr(self, action)(**options)
        except devdb.DevdbError as error:
            raise CommandError(str(error)) from error

    def status(self, **options: Any) -> None:
        now = devdb.status()
        state = "runs" if now.answers else "does not answer" if now.pid else "is stopped"
        self.stdout.write(f"The embedded PostgreSQL {state}.")
        self.stdout.write(f"Process: {now.pid or 'none'}")
        self.stdout.write(f"Files: {now.place.data}")
        self.stdout.write(f"Socket: {now.place.sockets}")
        self.stdout.write(f"Log: {now.place.log}")
        if not now.answers:
            sys.exit(NOT_RUNNING)

    def start(self, **options: Any) -> None:
        is_new = devdb.ensure_running()
        self.stdout.write("Started." if is_new else "It runs already.")

    def stop(self, **options: Any) -> None:
        self.stdout.write("Stopped." if devdb.stop() else "It was not running.")

    def psql(self, *, arguments: list[str], **options: Any) -> None:
        devdb.ensure_running()
        own = arguments[1:] if arguments[:1] == ["--"] else arguments
        command = devdb.client("psql", "--dbname", devdb.DATABASE, *own)
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - Ctrl-C belongs to psql from here on

    def dump(self, *, file: Path, **options: Any) -> None:
        devdb.ensure_running()
        devdb_copies.dump(file)
        self.stdout.write(f"Written to {file}.")

    def restore(self, *, file: Path, **options: Any) -> None:
        devdb.ensure_running()
        devdb_copies.restore(file)
        self.stdout.write(f"The database is what {file} holds.")
