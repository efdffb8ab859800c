"""A pitch between being written and being stored: kept in the browser's session while a newcomer
says who they are, so that a wrong code, a closed window or a log-in elsewhere loses nothing.
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config.lib import codes
from sessions.content import Content
from sessions.models import Event

TYPED_MAX_LENGTH = 300_000


@dataclass(frozen=True)
class Kept:
    """``code`` is the pitch's future one: whoever finishes twice finds the same pitch."""

    content: Content
    publish: bool
    code: str


def keep(request: HttpRequest, event: Event, *, content: Content, publish: bool) -> None:
    request.session[_key(event)] = {
        "content": asdict(content),
        "publish": publish,
        "code": codes.new_code(),
    }


def of(request: HttpRequest, event: Event) -> Kept | None:
    """What waits to be stored. Reads no session of a browser that has none."""
    data = _read(request, _key(event))
    if not data or "content" not in data:
        return None
    return Kept(Content.from_dict(data["content"]), data["publish"], data["code"])


def finish(request: HttpRequest, event: Event, *, code: str) -> None:
    """Forget the text, remember which pitch it became."""
    request.session[_key(event)] = {"finished": code}


def finished(request: HttpRequest, event: Event) -> str:
    """Code of the pitch that was stored last, or empty."""
    return (_read(request, _key(event)) or {}).get("finished", "")


def forget(request: HttpRequest, event: Event) -> None:
    if of(request, event):
        del request.session[_key(event)]


def keep_typed(request: HttpRequest, name: str) -> None:
    """Keep an unchecked form whose writer was logged out meanwhile; an absurdly long one is not."""
    typed = {key: request.POST[key] for key in request.POST}
    if sum(map(len, typed.values())) <= TYPED_MAX_LENGTH:
        request.session[f"typed.{name}"] = typed


def take_typed(request: HttpRequest, name: str) -> dict[str, str] | None:
    """The kept form, once."""
    return request.session.pop(f"typed.{name}", None)


def _key(event: Event) -> str:
    return f"pitch.{event.pk}"


def _read(request: HttpRequest, key: str) -> dict[str, Any] | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.session.get(key)
