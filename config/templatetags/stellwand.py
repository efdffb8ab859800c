"""Template tags of the identity: format shapes, icons, ripeness, and helpers of base.html."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import lucide
from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from config.lib.qr import svg

register = template.Library()

SHAPES = {
    "impuls": '<rect x="1" y="2" width="18" height="12" rx="1.5"/>',
    "diskussion": '<ellipse cx="10" cy="8" rx="9" ry="6.5"/>',
    "workshop": '<path d="M5.5 1.5h9L19 8l-4.5 6.5h-9L1 8z"/>',
    "fishbowl": '<circle cx="10" cy="8" r="7"/>',
    "blitz": '<path d="M10 .9 18 8l-8 7.1L2 8z"/>',
}

RIPENESS_STEPS = {"idea": 1, "half_baked": 2, "ready": 3}

STATE_ICONS = {
    "open": "circle",
    "accepted": "check",
    "confirmed": "check-check",
    "waitlisted": "clock",
    "declined": "x",
    "cancelled": "ban",
    "withdrawn": "undo-2",
    "merged": "merge",
}


@register.simple_tag
@lru_cache(maxsize=32)
def format_glyph(format_name: str) -> SafeString:
    """The shape of a format, empty for an unknown one. The format's name must stand beside it."""
    key = str(format_name)
    if key not in SHAPES:
        return mark_safe("")
    return format_html(
        '<svg class="glyph glyph--{}" viewBox="0 0 20 16" width="20" height="16"'
        ' fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"'
        ' aria-hidden="true" focusable="false">{}</svg>',
        key,
        mark_safe(SHAPES[key]),
    )


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: int = 20) -> SafeString:
    """A decorative icon from lucide, without its line breaks; cached, for a wall draws dozens."""
    svg = lucide._render_icon(
        str(name),
        size,
        **{"class": f"icon icon--{name}", "aria-hidden": "true", "focusable": "false"},
    )
    return mark_safe(" ".join(svg.split()).replace("> <", "><"))


@register.simple_tag
def qr(text: str, label: str) -> SafeString:
    """The code of an address, to be put into ``.qr``; ``label`` says where it leads."""
    return svg(str(text), str(label))


@register.simple_tag
@lru_cache(maxsize=16)
def state_icon(state: str) -> SafeString:
    """The icon of a proposal's state, 16 px; a plain circle for an unknown one."""
    return icon(STATE_ICONS.get(str(state), "circle"), 16)


@register.simple_tag
@lru_cache(maxsize=8)
def ripeness_mark(ripeness: str) -> SafeString:
    """Three dots, as many of them filled as the proposal is ripe. The word must stand beside it."""
    filled = RIPENESS_STEPS.get(str(ripeness).replace("-", "_"), 1)
    dots = "".join(
        f'<circle cx="{5 + 10 * step}" cy="6" r="3.5" fill-opacity="{int(step < filled)}"/>'
        for step in range(3)
    )
    return format_html(
        '<svg class="ripeness-mark" viewBox="0 0 30 12" width="30" height="12" fill="currentColor"'
        ' stroke="currentColor" stroke-width="1.5" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(dots),
    )


@register.filter
def initials(name: str) -> str:
    """First letters of the first and last word: "Şirin von Öztürk" gives "ŞÖ"."""
    words = [word for word in str(name).split() if word[0].isalpha()]
    letters = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in letters).upper() or "?"


@register.filter
def named(error: str, label: str) -> str:
    """An error away from its field: with the label before it, unless it says it itself."""
    if str(label).casefold() in str(error).casefold():
        return str(error)
    return f"{label}{'' if str(label).endswith(('?', '.')) else ':'} {error}"


@register.filter
def hostname(url: str) -> str:
    """What a reader needs to see of a guest's or a profile's link: its host, without "www."."""
    try:
        host = urlsplit(str(url)).hostname or ""
    except ValueError:  # an unclosed "[" in a foreign address
        host = ""
    return host.removeprefix("www.")


@register.simple_tag(takes_context=True)
def current(context: Context, *view_names: str) -> SafeString:
    """``aria-current`` when the request was routed to one of these names."""
    request: Any = context.get("request")
    match = getattr(request, "resolver_match", None)
    if match is None or match.view_name not in view_names:
        return mark_safe("")
    return mark_safe(' aria-current="page"')
