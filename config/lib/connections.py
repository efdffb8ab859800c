"""Connections to checked addresses only, with one deadline for all that happens on them."""

import contextlib
import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator

from django.conf import settings

from config.lib import addresses
from config.lib.addresses import Place

MOST_ADDRESSES = 4  # of one name that are tried

# (host, port) as ``socket.connect`` takes it
SocketAddress = tuple[socket.AddressFamily, tuple[str, int]]


class Failed(Exception):
    """Nothing was got; ``reason`` is fit for a log, not for the stranger who named the address."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Forbidden(Failed):
    """An address that is not asked."""


class Unreachable(Failed):
    """No such host, no connection, a bad certificate, or no HTTP."""


class TimedOut(Failed):
    """The deadline passed."""

    def __init__(self) -> None:
        super().__init__("took too long")


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, more than none. Raises :class:`TimedOut`."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimedOut
        return left


@contextlib.contextmanager
def connected(place: Place, deadline: Deadline) -> Iterator["_Wire"]:
    """A connection to a checked address of ``place``, with TLS verified against its name."""
    checked = _checked(place, deadline)
    with _connect(checked, deadline) as plain:
        if place.scheme == "http":
            yield _Wire(plain, deadline)
            return
        plain.settimeout(deadline.left())
        context = ssl.create_default_context()
        with context.wrap_socket(plain, server_hostname=place.host) as secure:
            yield _Wire(secure, deadline)


def _checked(place: Place, deadline: Deadline) -> list[SocketAddress]:
    """What the host resolves to, if all of it may be asked. Raises :class:`Forbidden`."""
    is_allowed = f"{place.host}:{place.port}" in settings.FETCH_ALLOWED
    if not is_allowed and place.port not in addresses.DEFAULT_PORTS.values():
        raise Forbidden(f"port {place.port}")
    found = _resolved(place, deadline)
    for _family, (numeric, _port) in found:
        if not is_allowed and not addresses.is_public(ipaddress.ip_address(numeric)):
            raise Forbidden(f"{place.host} is {numeric}")
    return found


def _resolved(place: Place, deadline: Deadline) -> list[SocketAddress]:
    """In a thread of its own, which is left behind if the name servers take too long."""
    answers: queue.SimpleQueue[list[SocketAddress] | OSError | UnicodeError] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.put(error)
        else:
            answers.put([(family, (str(to[0]), place.port)) for family, _t, _p, _c, to in found])

    threading.Thread(target=resolve, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty as error:
        raise TimedOut from error
    if isinstance(answer, Exception) or not answer:
        raise Unreachable(f"no address of {place.host}")
    return answer


def _connect(checked: list[SocketAddress], deadline: Deadline) -> socket.socket:
    """The first that answers; each gets its share of the time that is left."""
    tried = checked[:MOST_ADDRESSES]
    failure: OSError | None = None
    for number, (family, address) in enumerate(tried):
        plain = socket.socket(family, socket.SOCK_STREAM)
        plain.settimeout(deadline.left() / (len(tried) - number))
        try:
            plain.connect(address)
        except OSError as error:
            plain.close()
            failure = error
        else:
            return plain
    raise failure or OSError("no address")


class _Wire:
    """As much of a socket as ``http.client`` uses; every read and write ends at the deadline."""

    def __init__(self, plain: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = plain, deadline

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(self._deadline.left())
            rest = rest[self._socket.send(rest) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._socket, self._deadline))

    def close(self) -> None:
        """Left to :func:`connected`, since ``http.client`` closes before the body is read."""


class _Reader(io.RawIOBase):
    def __init__(self, plain: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = plain, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._socket.settimeout(self._deadline.left())
        return self._socket.recv_into(buffer)
