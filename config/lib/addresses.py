"""Which addresses on the web the site may ask: those that everybody could ask, and only those.

Python's ``is_global`` calls some nets global that lead inside: site-local and IPv4-compatible
addresses, translations such as NAT64, and ``192.88.99.0/24``. So IPv4 is public unless its net
is in the list, and IPv6 only inside the block from which public addresses are given out at all.
Sources: the IANA special-purpose registries for IPv4 and IPv6, RFC 6890 and its updates.
"""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna
from django.utils.encoding import iri_to_uri

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_LENGTH = 2_000
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
LOOKS_LIKE_A_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
# White space, control characters and what parsers of addresses disagree about.
NEVER_IN_A_URL = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")

NOT_PUBLIC_V4 = tuple(
    ipaddress.IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by customers of a provider
        "127.0.0.0/8",
        "168.63.129.16/32",  # the inside of Azure, under an address that looks public
        "169.254.0.0/16",  # link-local, and what clouds tell their machines
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.52.193.0/24",  # multicast relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
NOT_PUBLIC_V6 = tuple(
    ipaddress.IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3ffe::/16",  # the former 6bone
        "3fff::/20",  # documentation
    )
)


class NotAllowed(ValueError):
    """An address that is not asked; ``str()`` is fit for a log."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart; ``host`` is lower case and ASCII, ``path`` has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """For the ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


def is_public(address: Address) -> bool:
    """Whether ``address`` belongs to the open Internet and hides no other address."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in net for net in NOT_PUBLIC_V4) and address.is_global
    if address.scope_id is not None or address not in PUBLIC_V6:
        return False
    return not any(address in net for net in NOT_PUBLIC_V6) and address.is_global


def take_apart(url: str) -> Place:
    """Read an address strictly: one that parsers could read in two ways is refused.

    Whether the port and what the host resolves to are allowed is the caller's matter.
    Raises :class:`NotAllowed`.
    """
    if len(url) > MAX_LENGTH or NEVER_IN_A_URL.search(url):
        raise NotAllowed("not a web address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotAllowed("not a web address") from error
    if parts.scheme not in DEFAULT_PORTS or not parts.netloc:
        raise NotAllowed("not a web address")
    if "@" in parts.netloc:
        raise NotAllowed("an address with a user name")
    host = _host(parts.hostname or "", in_brackets=parts.netloc.startswith("["))
    path = iri_to_uri(parts.path or "/") + (f"?{iri_to_uri(parts.query)}" if parts.query else "")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    return Place(parts.scheme, host, port, path)


def _host(host: str, *, in_brackets: bool) -> str:
    """A name, or a numeric address in its one usual form; never octal, hex, short or decimal."""
    if in_brackets:
        try:
            address = ipaddress.IPv6Address(host)
        except ValueError as error:
            raise NotAllowed("not an IPv6 address") from error
        if address.scope_id is not None:
            raise NotAllowed("an IPv6 address with a zone")
        return str(address)
    if not host.isascii():
        host = _ascii(host)
    if len(host) > 253 or not HOST.fullmatch(host):
        raise NotAllowed("not a host name")
    if LOOKS_LIKE_A_NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise NotAllowed("not an IPv4 address") from error
    return host


def _ascii(host: str) -> str:
    """A name in other letters as DNS has it; look-alikes such as full-width digits are refused."""
    if unicodedata.normalize("NFKC", host) != host:
        raise NotAllowed("not a host name")
    try:
        return idna.encode(host).decode("ascii")
    except idna.IDNAError as error:
        raise NotAllowed("not a host name") from error
