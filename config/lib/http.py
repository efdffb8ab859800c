"""What a browser is known by, and where it may be sent back to."""

import datetime as dt
import ipaddress
import uuid
from typing import cast

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, url_has_allowed_host_and_scheme

VISITOR_COOKIE = "visitor"
VISITOR_SALT = "stellwand.visitor"
VISITOR_AGE = dt.timedelta(days=180)
SETTLED = dt.timedelta(seconds=2)


def visitor_of(request: HttpRequest) -> uuid.UUID | None:
    """The signed id that an earlier click of this browser left, or None.

    After a log-in it is the one from before, as long as that log-in lasts: what somebody
    wrote as a guest a moment ago is still theirs.
    """
    try:
        value = request.get_signed_cookie(VISITOR_COOKIE, salt=VISITOR_SALT)
        return uuid.UUID(value)
    except (KeyError, BadSignature, ValueError):
        return _before_log_in(request)


def _before_log_in(request: HttpRequest) -> uuid.UUID | None:
    """Asks a session only of whoever has one."""
    if not hasattr(request, "session") or not request.user.is_authenticated:
        return None
    value = request.session.get(VISITOR_COOKIE)
    return uuid.UUID(value) if value else None


def keep_visitor(request: HttpRequest, visitor: uuid.UUID) -> None:
    """Note in the session of a log-in which browser it was."""
    request.session[VISITOR_COOKIE] = str(visitor)


def remember_visitor(response: HttpResponse, visitor: uuid.UUID) -> None:
    """Leave the signed cookie; only ever in the answer to a click that needs it."""
    response.set_signed_cookie(
        VISITOR_COOKIE,
        str(visitor),
        salt=VISITOR_SALT,
        max_age=VISITOR_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_visitor(response: HttpResponse) -> None:
    response.delete_cookie(VISITOR_COOKIE, samesite="Lax")


def next_url(request: HttpRequest, default: str) -> str:
    """The posted or asked ``next`` if it stays on this site, else ``default``."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else default


def address_prefix(request: HttpRequest) -> str:
    """The net that a request comes from, such as "192.0.2.0/24" or "2001:db8:1::/48".

    The address itself is forgotten at once. ``X-Forwarded-For`` counts from the right and only
    for as many proxies as ``TRUSTED_PROXY_COUNT`` says; what strangers write there is ignored.
    """
    hops = [request.META.get("REMOTE_ADDR", "")]
    if trusted := settings.TRUSTED_PROXY_COUNT:
        hops = [*request.headers.get("X-Forwarded-For", "").split(","), *hops][-trusted - 1 :]
    try:
        address = ipaddress.ip_address(hops[0].strip().partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    length = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, length), strict=False))


def conditional(
    request: HttpRequest,
    response: HttpResponse,
    *,
    changed_at: dt.datetime | None,
    now: dt.datetime,
) -> HttpResponse:
    """``response`` with its date, or 304 to whoever has it, by ETag or else by that date.

    Dates count in seconds, so that ``Last-Modified`` is told only when its second is long over:
    of two changes within one second, nobody would hear of the other. ``response.changed_at``
    tells :mod:`config.pages` the date of a page that it keeps.
    """
    response.changed_at = changed_at  # type: ignore[attr-defined]
    seconds = None
    if changed_at is not None and changed_at + SETTLED <= now:
        seconds = int(changed_at.timestamp())
        response["Last-Modified"] = http_date(seconds)
    etag = response.get("ETag")
    answer = get_conditional_response(request, etag, seconds, response)
    return cast(HttpResponse, answer)
