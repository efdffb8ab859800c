"""Finished pages of events, kept in the process and answered above session, log-in and CSRF.

A page that everyone gets alike (no session, no visitor cookie) is kept under the event's version
(see :mod:`sessions.models.versioning`), its address and the reader's language, compressed. One
raw SELECT tells whether it still holds; the same numbers are its ETag, so that an unchanged page
costs a reader 304 and some bytes.

Pages also change with the clock (*now* in the programme, the mixed wall): the ETag holds the
minute while the event runs and the hour otherwise.
"""

import datetime as dt
import gzip
import hashlib
import time
import zoneinfo
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import brotli
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language_from_request

from config.lib.http import VISITOR_COOKIE, conditional
from config.middleware import Answering, wishes_language

MAX_BYTES = 48 * 1024 * 1024
FRESH_SECONDS = 1.0  # whatever happens, a page is rendered at most once in this time
KEPT_HEADERS = ("Content-Type", "Content-Language", "Content-Disposition", "Link", "X-Pingback")
CONDITIONS = (
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
)
VARY = "Accept-Encoding, Accept-Language, Cookie"


@dataclass(frozen=True)
class Page:
    etag: str
    made_at: float  # time.monotonic()
    headers: dict[str, str]
    bodies: dict[str, bytes]  # by content coding; "" is plain
    changed_at: dt.datetime | None = None  # of pages that say so: the others change with the clock

    @property
    def size(self) -> int:
        return sum(len(body) for body in self.bodies.values())


class Store:
    """The pages used last, up to ``max_bytes`` in all. Shared by the threads of a process."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self._pages: OrderedDict[tuple, Page] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: tuple) -> Page | None:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: tuple, page: Page) -> None:
        with self._lock:
            if old := self._pages.pop(key, None):
                self._size -= old.size
            self._pages[key] = page
            self._size += page.size
            while self._size > self.max_bytes:
                _key, dropped = self._pages.popitem(last=False)
                self._size -= dropped.size

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._size = 0


store = Store()


def kept_pages(get_response: Answering) -> Answering:
    """Middleware: answer from the store, or render once and keep."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not _is_shared(request):
            return get_response(request)
        now = timezone.now()
        stamp = _stamp(request.path_info.split("/")[1], now)
        if stamp is None:
            return get_response(request)
        language = get_language_from_request(request) if wishes_language(request) else ""
        etag = f'W/"{RELEASE}-{stamp}-{language}"'
        key = (request.get_host(), request.get_full_path(), language)
        page = store.get(key)
        if page is None or not _still_holds(page, etag):
            response = _ask(get_response, request)
            if not _may_keep(response):
                return response
            page = _keep(response, etag)
            store.put(key, page)
        return _answer(request, page, now)

    return middleware


def _is_shared(request: HttpRequest) -> bool:
    """Whether everyone who asks like this gets the same: a GET without a cookie of ours."""
    return (
        settings.KEEP_PAGES
        and request.method == "GET"
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and VISITOR_COOKIE not in request.COOKIES
        and "HX-Request" not in request.headers
    )


def _stamp(slug: str, now: dt.datetime) -> str | None:
    """Version and time bucket of a public event, by one indexed SELECT; None for other paths."""
    if not slug or not slug.isascii() or "\x00" in slug:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, version, starts_on, ends_on, time_zone FROM program_event "
            "WHERE slug = %s AND state <> 'draft'",
            [slug],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    pk, version, starts_on, ends_on, zone = row
    is_today = starts_on <= now.astimezone(zoneinfo.ZoneInfo(zone)).date() <= ends_on
    bucket = int(now.timestamp()) // (60 if is_today else 3600)
    return f"{pk}.{version}.{bucket}"


def _still_holds(page: Page, etag: str) -> bool:
    return page.etag == etag or time.monotonic() - page.made_at < FRESH_SECONDS


def _ask(get_response: Answering, request: HttpRequest) -> HttpResponse:
    """The whole page, though the reader may have it already: that is answered here."""
    asked = {name: request.META.pop(name) for name in CONDITIONS if name in request.META}
    response = get_response(request)
    request.META.update(asked)
    return response


def _may_keep(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not response.has_header("Content-Encoding")
        and "no-store" not in response.get("Cache-Control", "")
    )


def _keep(response: HttpResponse, etag: str) -> Page:
    headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    body = response.content
    bodies = {"": body}
    if len(body) > 200:
        bodies["br"] = brotli.compress(body, quality=5)
        bodies["gzip"] = gzip.compress(body, compresslevel=6, mtime=0)
    changed_at = getattr(response, "changed_at", None)  # see config.lib.http.conditional
    made_at = time.monotonic()
    return Page(etag=etag, made_at=made_at, headers=headers, bodies=bodies, changed_at=changed_at)


def _answer(request: HttpRequest, page: Page, now: dt.datetime) -> HttpResponse:
    accepted = request.headers.get("Accept-Encoding", "")
    coding = next((name for name in ("br", "gzip") if name in accepted), "")
    coding = coding if coding in page.bodies else ""
    response = HttpResponse(page.bodies[coding], headers=page.headers)
    if coding:
        response["Content-Encoding"] = coding
    response["ETag"] = page.etag
    response["Vary"] = VARY
    response["Cache-Control"] = "no-cache"
    return conditional(request, response, changed_at=page.changed_at, now=now)


def _release() -> str:
    """A short digest of the program as installed: a new release invalidates every page."""
    digest = hashlib.blake2b(digest_size=4)
    root = Path(settings.BASE_DIR)
    for folder in ("config", "speakers", "sessions", "comments", "templates", "static"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".mo", ".css", ".js", ".svg"}:
                status = path.stat()
                digest.update(f"{path.name}{status.st_size}{status.st_mtime_ns}".encode())
    return digest.hexdigest()


RELEASE = _release()
