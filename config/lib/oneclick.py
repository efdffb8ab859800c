"""Links in mails that end them with one click, without a log-in (:rfc:`8058`)."""

from collections.abc import Callable

from django.core import signing
from django.http import HttpRequest


def signer(salt: str) -> signing.Signer:
    """Signs what a link ends and for whom; such links never expire, since mails are kept."""
    return signing.Signer(salt=salt, sep=".")


def headers(url: str) -> dict[str, str]:
    """What a mail program needs for a button of its own; it sends a POST to ``url``."""
    return {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def answer(request: HttpRequest, *, end: Callable[[], object], resume: Callable[[], object]) -> str:
    """Do what a POST asks for, and say what was done: "ended", "resumed" or "".

    A GET only shows what a POST does, since machines open the links of mails. The POST may come
    from a mail program: no cookie, no CSRF token, no redirect, any number of times. ``resume`` in
    it takes it back.
    """
    if request.method != "POST":
        return ""
    if "resume" in request.POST:
        resume()
        return "resumed"
    end()
    return "ended"
