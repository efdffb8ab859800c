"""When a guest's form was made: a signed hidden field, which keeps out programs and old pages.

Anonymous readers share kept pages (see :mod:`config.pages`), which are made anew at least every
hour: the stamp in one is at most about an hour older than the visit. So a form lives between 23
and 24 hours, and quick sending is only noticed of forms that were made for one reader.
"""

import datetime as dt

from django.core.signing import BadSignature, Signer

from comments.refusals import FormExpired, TooQuick

YOUNGEST, OLDEST = dt.timedelta(seconds=3), dt.timedelta(hours=24)


def fresh(now: dt.datetime) -> str:
    return _signer().sign(str(int(now.timestamp() * 1000)))


def check(stamp: str, *, now: dt.datetime) -> None:
    """Raises :class:`TooQuick` and :class:`FormExpired`, the latter for a forged one, too."""
    made_at = _read(stamp)
    if made_at is None or now - made_at > OLDEST:
        raise FormExpired
    if now - made_at < YOUNGEST:
        raise TooQuick


def again(stamp: str, *, now: dt.datetime) -> str:
    """For the same form shown once more.

    It keeps its stamp while that is good. Of one that was open for too long somebody has read
    what stands there, and can send it at once.
    """
    made_at = _read(stamp)
    if made_at is None:
        return fresh(now)
    return stamp if now - made_at <= OLDEST else fresh(now - YOUNGEST)


def _read(stamp: str) -> dt.datetime | None:
    try:
        milliseconds = int(_signer().unsign(stamp))
    except (BadSignature, ValueError):
        return None
    return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)


def _signer() -> Signer:
    return Signer(salt="stellwand.form")
