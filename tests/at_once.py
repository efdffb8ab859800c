"""Several at once, each with a connection of its own; for tests with ``transaction=True``."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from comments.flags import NotFlaggable
from comments.likes import NotLikeable


def at_once(*calls):
    """What each call returned or how it was refused, all of them begun in the same moment."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(10)
            return call()
        except (NotLikeable, NotFlaggable) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
