"""Asking addresses that strangers name, without letting them look into our network.

Every address that a host name resolves to must be public (:mod:`config.lib.addresses`), the
connection goes to the very address that was checked, and each redirect begins anew. One deadline
holds for all of it: resolving, connecting, TLS, every single read. Nothing is taken from the
environment (proxies, ``.netrc``), no cookie is kept, no credential sent.

Built on ``http.client``. requests-hardened 1.3 was looked at: it pins the connection, but checks
the first resolved address only, lets site-local and IPv4-compatible ones and every port pass,
takes a proxy from the environment, and its time-outs begin anew with each byte.
"""

import codecs
import http.client
import re
import zlib
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urljoin

from django.conf import settings

from config.lib import addresses
from config.lib.addresses import Place
from config.lib.connections import Deadline, Failed, Forbidden, TimedOut, Unreachable, connected

MAX_BYTES = 2**20
TIMEOUT = 10.0
MAX_REDIRECTS = 5
CHUNK = 2**16
HTML = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
REDIRECTS = frozenset({301, 302, 303, 307, 308})

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
         (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
META_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-z0-9_:.-]{1,40})""", re.I)
# Those of browsers; not all that Python knows, some of which take long or mean something else.
ENCODINGS = re.compile(
    r"utf-(8|16(-[bl]e)?)|ascii|iso8859-\d+|cp(125\d|866|874|949)|koi8-[ru]|mac-(roman|cyrillic)|"
    r"shift_jis|euc_(jp|kr)|iso2022_jp|gb(2312|k|18030)|big5"
)
LIKE_BROWSERS = {"ascii": "cp1252", "iso8859-1": "cp1252"}

__all__ = [
    "Failed",
    "Forbidden",
    "Page",
    "TimedOut",
    "TooLarge",
    "TooManyRedirects",
    "Unreachable",
    "get",
    "post",
]


class TooLarge(Failed):
    """More than ``max_bytes``, also once unpacked."""


class TooManyRedirects(Failed):
    """More than ``max_redirects``."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, whatever its status.

    ``url`` is the last one asked, ``headers`` keeps every value apart under its lower-case name,
    ``content_type`` is lower case without parameters, and like ``charset`` empty if none was said.
    """

    url: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    content_type: str
    charset: str

    def values(self, name: str) -> list[str]:
        """Of one header, in order."""
        return [value for key, value in self.headers if key == name]

    @property
    def text(self) -> str:
        """The body, by its byte order mark, header or ``<meta>``; else it is taken for UTF-8."""
        for mark, encoding in MARKS:
            if self.body.startswith(mark):
                return self.body[len(mark) :].decode(encoding, "replace")
        meta = META_CHARSET.search(self.body, 0, 1024)
        named = self.charset or (meta[1].decode("ascii") if meta else "")
        try:
            encoding = codecs.lookup(named).name if named else "utf-8"
        except (LookupError, ValueError):
            encoding = "utf-8"
        encoding = encoding if ENCODINGS.fullmatch(encoding) else "utf-8"
        return self.body.decode(LIKE_BROWSERS.get(encoding, encoding), "replace")


@dataclass(frozen=True, slots=True)
class _Ask:
    method: str
    body: bytes | None
    headers: dict[str, str]


def get(
    url: str,
    *,
    accept: str = HTML,
    max_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT,
    max_redirects: int = MAX_REDIRECTS,
) -> Page:
    """Any status is a :class:`Page`; raises a :class:`Failed`. ``timeout`` is for all of it."""
    ask = _Ask("GET", None, {"Accept": accept})
    return _follow(url, ask, max_bytes=max_bytes, timeout=timeout, max_redirects=max_redirects)


def post(
    url: str,
    *,
    body: bytes,
    content_type: str,
    accept: str = "*/*",
    max_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT,
    max_redirects: int = MAX_REDIRECTS,
) -> Page:
    """Like :func:`get`. A redirect is posted to again, but after 303 the other address is read."""
    ask = _Ask("POST", body, {"Accept": accept, "Content-Type": content_type})
    return _follow(url, ask, max_bytes=max_bytes, timeout=timeout, max_redirects=max_redirects)


def _follow(url: str, ask: _Ask, *, max_bytes: int, timeout: float, max_redirects: int) -> Page:
    deadline = Deadline(timeout)
    for _hop in range(max_redirects + 1):
        try:
            place = addresses.take_apart(url)
        except addresses.NotAllowed as error:
            raise Forbidden(str(error)) from error
        page = _ask_once(place, ask, max_bytes=max_bytes, deadline=deadline)
        location = next(iter(page.values("location")), "")
        if page.status not in REDIRECTS or not location:
            return page
        try:
            url = urljoin(page.url, _unmangled(location).replace(" ", "%20"))
        except ValueError as error:
            raise Forbidden("a redirect to no web address") from error
        if page.status == http.HTTPStatus.SEE_OTHER:
            ask = _Ask("GET", None, {"Accept": ask.headers["Accept"]})
    raise TooManyRedirects(f"more than {max_redirects} redirects")


def _ask_once(place: Place, ask: _Ask, *, max_bytes: int, deadline: Deadline) -> Page:
    try:
        with connected(place, deadline) as wire:
            connection = http.client.HTTPConnection(place.host, place.port)
            connection.sock = wire
            connection.request(ask.method, place.path, ask.body, _headers(place, ask))
            response = connection.getresponse()
            headers = [(name.lower(), value.strip()) for name, value in response.getheaders()]
            body = b""
            if response.status not in REDIRECTS:
                body = _body(response, max_bytes=max_bytes)
    except TimeoutError as error:
        raise TimedOut from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{type(error).__name__}: {error}"[:150]) from error
    said = Message()
    for name, value in headers:
        if name == "content-type" and name not in said:
            said[name] = value
    return Page(
        url=place.url,
        status=response.status,
        headers=headers,
        body=body,
        content_type=said.get_content_type() if "content-type" in said else "",
        charset=said.get_content_charset(""),
    )


def _headers(place: Place, ask: _Ask) -> dict[str, str]:
    return {
        "Host": place.netloc,
        "User-Agent": f"Stellwand (Webmention; {settings.SITE_URL})",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **ask.headers,
    }


def _body(response: http.client.HTTPResponse, *, max_bytes: int) -> bytes:
    """Read, and unpacked if the server packs what nobody asked it to. Raises :class:`TooLarge`."""
    coding = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise Unreachable("packed in a way that was not asked for")
    unpack = zlib.decompressobj(wbits=47) if coding not in ("identity", "") else None
    body = bytearray()
    while chunk := response.read(CHUNK):
        if unpack is not None:
            try:
                chunk = unpack.decompress(chunk, max_bytes + 1 - len(body))
            except zlib.error as error:
                raise Unreachable("packed badly") from error
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge(f"more than {max_bytes} bytes")
    if response.length:  # part of a page would say of a link that it is gone
        raise Unreachable("ended early")
    return bytes(body)


def _unmangled(location: str) -> str:
    """``http.client`` reads headers as Latin-1, but addresses in them are UTF-8 if anything."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location
