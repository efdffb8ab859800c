"""Links in mails that end them with one click, without a log-in (:rfc:`8058`)."""

from django.core import signing


def signer(salt: str) -> signing.Signer:
    """Signs what a link ends and for whom; such links never expire, since mails are kept."""
    return signing.Signer(salt=salt, sep=".")


def headers(url: str) -> dict[str, str]:
    """What a mail program needs for a button of its own; it sends a POST to ``url``."""
    return {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
