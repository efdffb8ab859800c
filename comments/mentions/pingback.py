"""Pingback 1.0 as text: one call of XML-RPC in, its answer out.

The specification answers after looking at the source. Here the worker looks, and whoever asks hears
at once what follows from the two addresses. So the faults 16 (no such source), 17 (no link in it)
and 50 (source not reached) are never given for what the network says: they would tell a stranger
what our machines can reach. 16 is given for a source that is no web address.
"""

import xmlrpc.client
from enum import IntEnum
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, ElementTree

METHOD = "pingback.ping"


class Code(IntEnum):
    OTHER = 0
    NO_SOURCE = 16
    NO_TARGET = 32
    NOT_A_TARGET = 33
    ALREADY_KNOWN = 48
    ACCESS_DENIED = 49
    # "Specification for Fault Code Interoperability" of XML-RPC
    NOT_WELL_FORMED = -32700
    NOT_A_CALL = -32600
    NO_SUCH_METHOD = -32601
    WRONG_PARAMETERS = -32602


class Fault(Exception):
    """``str()`` is what the caller reads."""

    def __init__(self, code: Code, message: object) -> None:
        self.code = code
        super().__init__(message)

    def __str__(self) -> str:
        return str(self.args[0])


class Ping(NamedTuple):
    source: str
    target: str


def read(body: bytes) -> Ping:
    """The one call that there is. Raises :class:`Fault`; entities and DOCTYPE are not read."""
    try:
        call = ElementTree.fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError) as error:
        raise Fault(Code.NOT_WELL_FORMED, "This is not well-formed XML.") from error
    if call.tag != "methodCall":
        raise Fault(Code.NOT_A_CALL, "This is not a call of XML-RPC.")
    if (call.findtext("methodName") or "").strip() != METHOD:
        raise Fault(Code.NO_SUCH_METHOD, f"The only method here is {METHOD}.")
    values = [_text(value) for value in call.findall("params/param/value")]
    if len(values) != len(Ping._fields) or None in values:
        raise Fault(Code.WRONG_PARAMETERS, "Source and target are expected, two strings.")
    return Ping(*(value or "" for value in values))


def _text(value: Element) -> str | None:
    """Of a string, which may stand in ``<value>`` with or without ``<string>``."""
    inner = list(value)
    if not inner:
        return (value.text or "").strip()
    if len(inner) == 1 and inner[0].tag == "string" and not len(inner[0]):
        return (inner[0].text or "").strip()
    return None


def answer(text: str) -> str:
    return xmlrpc.client.dumps((text,), methodresponse=True, encoding="utf-8")


def fault(error: Fault) -> str:
    said = xmlrpc.client.Fault(int(error.code), str(error))
    return xmlrpc.client.dumps(said, methodresponse=True, encoding="utf-8")
