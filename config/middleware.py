"""What every request passes: the security headers, the reader's language, the same-origin rule."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseRedirectBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django.utils.translation.trans_real import parse_accept_lang_header
from django_htmx.http import HttpResponseClientRedirect

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
Answering = Callable[[HttpRequest], HttpResponse]
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=()"


def security_headers(get_response: Answering) -> Answering:
    """Set the strict content security policy on every answer, error pages included.

    Not on 304: the browser keeps the headers of the page that it has, and polls stay small.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return response
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware


class ReaderLocaleMiddleware(LocaleMiddleware):
    """Use the reader's choice (cookie), else the browser's wish, else the event's language.

    ``request.language_wished`` tells whether the reader asked for the active language; a view
    that knows its event falls back to the event's language with ``access.enter`` otherwise.
    """

    def process_request(self, request: HttpRequest) -> None:
        timezone.deactivate()  # a page of an event left its zone to this thread
        super().process_request(request)
        request.language_wished = wishes_language(request)  # type: ignore[attr-defined]


def wishes_language(request: HttpRequest) -> bool:
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
        return True
    known = {code for code, _name in settings.LANGUAGES}
    for wish, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if wish.split("-")[0] in known:
            return True
    return False


class LogInMiddleware(LoginRequiredMiddleware):
    """Ask for a log-in, and lead back to the page afterwards.

    When a log-in ends while its page is open, htmx asks for a part of the page, or one of its
    buttons is pressed. Then the whole page goes, and it is what one comes back to.
    """

    def handle_no_permission(  # type: ignore[override]  # htmx has a kind of its own
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseRedirectBase:
        htmx = request.htmx  # type: ignore[attr-defined]
        seen: str = htmx.current_url if htmx else request.headers.get("Referer", "")
        is_part = htmx or request.method == "POST"
        if is_part and url_has_allowed_host_and_scheme(seen, {request.get_host()}):
            page = urlsplit(seen)._replace(scheme="", netloc="", fragment="").geturl()
            log_in = redirect_to_login(escape_leading_slashes(page))
            return HttpResponseClientRedirect(log_in.url) if htmx else log_in
        return super().handle_no_permission(request, view_func)


class SameOriginCsrfMiddleware(CsrfViewMiddleware):
    """Accept a POST that the browser itself says comes from this site; else ask for a token.

    ``Sec-Fetch-Site`` and ``Origin`` cannot be set by a foreign page. Forms therefore need no
    token, and a page with forms can be cached and be the same for everyone. A client that sends
    neither header falls back to Django's token check, and a foreign origin is always refused.
    """

    def process_view(
        self, request: HttpRequest, callback: Any, callback_args: Any, callback_kwargs: Any
    ) -> HttpResponseForbidden | None:
        if request.method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            return None
        if getattr(callback, "csrf_exempt", False):
            return None
        site = request.headers.get("Sec-Fetch-Site")
        if site == "same-origin" or (site is None and same_origin(request)):
            # Tells Django's ``csrf_protect`` decorator, too, that the request was checked.
            return self._accept(request)  # type: ignore[attr-defined]
        return super().process_view(request, callback, callback_args, callback_kwargs)


def same_origin(request: HttpRequest) -> bool:
    """Whether ``Origin`` names the scheme, host and port that were asked."""
    origin = request.headers.get("Origin")
    if not origin or origin == "null":
        return False
    parts = urlsplit(origin)
    return parts.scheme == request.scheme and parts.netloc == request.get_host()
