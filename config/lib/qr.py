"""QR codes as inline SVG: dark on white whatever the theme, and without styles."""

from functools import lru_cache

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

INK = "#12211e"
QUIET = 4  # modules of white around it that readers need (ISO/IEC 18004)


@lru_cache(maxsize=512)
def svg(text: str, label: str) -> SafeString:
    """``text`` as an image that ``label`` names; sized by the sheet that shows it.

    Level M: 15 % of it may be torn or dirty.
    """
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        border=QUIET, dark=INK, light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    # A role and a name in the opening tag, where segno only offers a <title>.
    opening, rest = drawn.split(" ", 1)
    return format_html(
        '{} role="img" aria-label="{}" {}', mark_safe(opening), label, mark_safe(rest)
    )
