"""Every address of the site, with arguments that exist: for the tests that ask them all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from comments import confirmations, unsubscribing
from sessions import confirming, quiet
from sessions.models import Pitch

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
UNKNOWN = {"event_slug": "nothing", "code": "zzzzzz", "pk": 10**18, "tag": "nothing",
           "person": "nobody", "object_id": 10**18, "day": "2001-02-30",
           "room": "nothing", "start": "nothing",
           "kind": "nothing", "table": "nothing", "token": "nothing"}  # fmt: skip


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    is_public: bool

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(one or other for one, other in ARGUMENT.findall(self.route))

    def url(self, arguments: dict[str, object]) -> str:
        return "/" + ARGUMENT.sub(lambda match: str(arguments[match[1] or match[2]]), self.route)

    def __str__(self) -> str:
        return self.name or self.route


@cache
def all_addresses() -> tuple[Address, ...]:
    return tuple(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, route, inner)
        elif isinstance(entry, URLPattern):
            yield Address(
                name=f"{namespace}{entry.name}" if entry.name else "",
                route=route.replace("^", "").removesuffix("$"),
                is_public=not getattr(entry.callback, "login_required", True),
            )


def existing(address: Address, pitch: Pitch) -> dict[str, object]:
    """Arguments that lead to ``pitch`` and to what belongs to it."""
    person = pitch.owner.profile.slug
    values: dict[str, object] = {
        "event_slug": pitch.event.slug,
        "code": pitch.code,
        "slug": person if address.name == "speakers:profile" else pitch.slug,
        "person": person,
        "day": pitch.event.starts_on.isoformat(),
        "name": "nobody",
        "app_label": "program",
        "uidb36": "1",
        "key": "abc-def",
        "url": "nothing/",
        "language": "de",
        "token": "a-token-that-fits-the-route",
        "start": "20261109T0900",
        "kind": "cards",
    }
    if "/sessions/" in address.route:
        values["code"] = pitch.proposals.first().code
    if address.name == "comments:confirm":
        values["token"] = confirmations.token(pitch.comments.first())
    if address.name == "comments:unsubscribe":
        values["token"] = unsubscribing.pitch(pitch.owner, pitch.pk).token
    if "room" in address.parameters:
        values["room"] = pitch.event.rooms.order_by("pk")[0].slug
    if address.name == "program:quiet":
        values["token"] = quiet.Link(pitch.owner_id, pitch.event).token
    if address.name == "program:confirm":
        values["token"] = confirming.token(pitch.proposals.first(), pitch.owner)
    if "language" in address.parameters:
        values["kind"] = "accepted"
    if "table" in address.parameters:
        values |= {"table": "rooms", "kind": "csv"}
    if "tag" in address.parameters:
        values["tag"] = pitch.tags.first().slug
    if "pk" in address.parameters:
        values["pk"] = _row(*("comments", "comment") if "comments/" in address.route else PASSKEY)
    if "object_id" in address.parameters:
        values["object_id"] = _row(*address.route.split("/")[1:3])
    return values


PASSKEY = ("mfa", "authenticator")


def _row(app_label: str, model: str) -> object:
    """The first row of a model; the event must be the pitch's own, so it is the first one."""
    return apps.get_model(app_label, model)._base_manager.order_by("pk").values_list("pk")[0][0]


def of_nothing(address: Address, pitch: Pitch) -> Iterator[str]:
    """The address with each of its arguments in turn naming nothing."""
    values = existing(address, pitch)
    for parameter in address.parameters:
        if parameter in UNKNOWN:
            yield address.url(values | {parameter: UNKNOWN[parameter]})
