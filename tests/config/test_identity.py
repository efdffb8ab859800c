"""The identity's promises that can be counted: contrast, sizes, nothing inline, clear forms."""

import re
from pathlib import Path

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template
from django.urls import ResolverMatch
from django.utils import translation

from config.templatetags import stellwand

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORMATS = ("impuls", "diskussion", "workshop", "fishbowl", "blitz")
TEXT = 4.5
CONTROL = 3.0


def tokens(theme: str) -> dict[str, str]:
    css = (ROOT / "static/css/tokens.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", css)
    return {name: light if theme == "light" else dark for name, light, dark in pairs} | dict(
        re.findall(r"--(jetzt|jetzt-tinte): (#\w+)", css)
    )


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's ratio, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pair_of_colours_has_the_contrast_that_it_needs(theme):
    colour = tokens(theme)
    pairs = [(ink, ground, TEXT) for ink in ("tinte", "leise", "link", "gut", "warn", "fehler")
             for ground in ("wand", "karte")]  # fmt: skip
    pairs += [("tinte", tint, TEXT) for tint in FORMATS]
    pairs += [("jetzt-tinte", "jetzt", TEXT), ("rand", "wand", CONTROL), ("rand", "karte", CONTROL)]
    assert [pair for pair in pairs if contrast(colour[pair[0]], colour[pair[1]]) < pair[2]] == []


def test_light_is_the_same_with_and_without_the_light_dark_function():
    plain, modern = (ROOT / "static/css/tokens.css").read_text().split("@supports")
    assert (
        dict(re.findall(r"--([\w-]+): light-dark\((#\w+)", modern)).items()
        <= dict(re.findall(r"--([\w-]+): (#\w+)", plain)).items()
    )


def test_own_css_and_javascript_stay_small():
    css = sum(path.stat().st_size for path in (ROOT / "static").rglob("*.css"))
    js = sum(path.stat().st_size for path in (ROOT / "static").rglob("*.js"))
    assert (css <= 40_000, js <= 12_000) == (True, True), f"{css} bytes of CSS, {js} of JavaScript"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_holds_inline_style_script_or_a_plain_htmx_attribute(path):
    markup = path.read_text()
    assert re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=\"|\shx-", markup) == []


def test_css_names_no_foreign_origin_and_no_data_address():
    sheets = [path.read_text() for path in (ROOT / "static/css").glob("*.css")]
    assert re.findall(r"url\(|@import", "".join(sheets)) == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_shape_of_its_own(name):
    others = {stellwand.format_glyph(other) for other in FORMATS if other != name}
    assert stellwand.format_glyph(name) not in others | {""}


def test_an_unknown_format_has_no_shape():
    assert stellwand.format_glyph('"><script>') == ""


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Şirin von Öztürk", "ŞÖ"), ("Ada", "A"), ("", "?"), ("  (x) ", "?"), ("a b c 9", "AC")],
)
def test_initials_come_from_the_first_and_the_last_word(name, letters):
    assert stellwand.initials(name) == letters


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://www.example.org/a", "example.org"), ("http://[", ""), ("nothing", "")],
)
def test_a_link_shows_its_host_and_survives_nonsense(url, host):
    assert stellwand.hostname(url) == host


class CardForm(forms.Form):
    title = forms.CharField(
        label="Title",
        help_text="Fits on a card.",
        error_messages={"required": "The title is missing."},
    )
    format = forms.ChoiceField(
        label="Format", choices=[(name, name) for name in FORMATS], widget=forms.RadioSelect
    )
    tags = forms.CharField(label="Tags", required=False)


@pytest.fixture
def refused():
    with translation.override("en"):
        return render_crispy_form(CardForm({"tags": "law"}), context={"csrf_token": "token"})


def test_a_refused_form_counts_its_errors_and_links_to_the_fields(refused):
    assert "Please check 2 answers" in refused
    assert re.findall(r'<li><a href="(#\w+)">([^<]+)</a></li>', refused) == [
        ("#id_title", "The title is missing."),
        ("#id_format_0", "Format: This field is required."),
    ]


def test_a_refused_field_is_described_by_its_help_and_its_error(refused):
    described = re.findall(r'aria-describedby="([^"]+)"', refused)
    assert described == ["id_title_helptext id_title_error", "id_format_error"]
    assert {name for group in described for name in group.split()} <= set(
        re.findall(r' id="([^"]+)"', refused)
    )


def test_a_refused_form_keeps_what_was_typed(refused):
    assert 'value="law"' in refused


def test_optional_fields_say_so_and_required_ones_do_not(refused):
    labels = re.findall(r"<(?:label|legend)[^>]*>(Title|Format|Tags)(.*?)</", refused, re.DOTALL)
    assert [(label, "(optional)" in rest) for label, rest in labels] == [
        ("Title", False),
        ("Format", False),
        ("Tags", True),
    ]


def test_no_form_writes_a_token_that_would_set_a_cookie(refused):
    assert "csrfmiddlewaretoken" not in refused


def test_navigation_marks_the_current_page_alone(rf):
    template = Template(
        '{% load stellwand %}{% current "program:wall" %}|{% current "program:me" %}'
    )
    request = rf.get("/")
    request.resolver_match = ResolverMatch(None, (), {}, url_name="wall", namespaces=["program"])
    assert template.render(Context({"request": request})) == ' aria-current="page"|'


def test_navigation_marks_nothing_on_an_error_page_without_a_request():
    template = Template('{% load stellwand %}{% current "program:wall" %}')
    assert template.render(Context({})) == ""
