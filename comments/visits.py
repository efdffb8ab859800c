"""Since when comments are new to a member."""

import datetime as dt

from django.db import connection

from comments.models import Visit
from sessions.models import Pitch
from speakers.models import User

#: Whoever looks again within this time is still on the same visit.
SAME_VISIT_MINUTES = 30


def record(pitch: Pitch, *, user: User, now: dt.datetime) -> dt.datetime | None:
    """Note that ``user`` reads the discussion; returns the end of the visit before this one.

    None on the first visit, where nothing is new because everything is. One statement, so that
    two windows that open at once agree.
    """
    table = connection.ops.quote_name(Visit._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {table} AS visit (pitch_id, user_id, latest) VALUES (%s, %s, %s)
            ON CONFLICT (pitch_id, user_id) DO UPDATE SET
                before = CASE WHEN visit.latest <= EXCLUDED.latest - make_interval(mins => %s)
                    THEN visit.latest ELSE visit.before END,
                latest = GREATEST(visit.latest, EXCLUDED.latest)
            RETURNING before
            """,  # noqa: S608 - the table is ours
            [pitch.pk, user.pk, now, SAME_VISIT_MINUTES],
        )
        (before,) = cursor.fetchone()
    return before
