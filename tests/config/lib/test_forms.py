import pytest
from django import forms
from django.utils import translation

from config.lib.forms import CleanCharField, CleanEmailField, CleanTextField


def errors_of(field, value):
    with pytest.raises(forms.ValidationError) as caught:
        field.clean(value)
    return caught.value.messages


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Brot\tvon \r\n gestern ", "Brot von gestern"),
        ("Bro\x00t\x07", "Brot"),
        ("Brot \ud800", "Brot"),
        ("Bro\u0308t", "Bröt"),
        ("\u202etorB", "torB"),
    ],
)
def test_line_is_cleaned(typed, kept):
    assert CleanCharField(max_length=20).clean(typed) == kept


def test_line_is_measured_after_cleaning():
    assert CleanCharField(max_length=4).clean("\x00 Brot  \x00") == "Brot"
    with translation.override("de"):
        assert errors_of(CleanCharField(max_length=4), "Brote") == [
            "Hier passen höchstens 4 Zeichen hin, es sind 5."
        ]


@pytest.mark.parametrize("nothing", ["", "   ", "\x00\x00", "\u200b\u200b", "\u2060 \ufeff", None])
def test_line_without_ink_counts_as_missing(nothing):
    field = CleanCharField(max_length=9, error_messages={"required": "The title is missing."})
    assert errors_of(field, nothing) == ["The title is missing."]
    assert CleanCharField(max_length=9, required=False).clean(nothing) == ""


def test_text_keeps_lines_and_indentation_but_no_blank_lines_around():
    typed = "\r\n  \r\n    code\r\n\r\nProse  \r\n\r\n"
    assert CleanTextField(max_length=99).clean(typed) == "    code\n\nProse"


def test_widget_tells_the_limit_without_cutting_what_is_pasted():
    class Form(forms.Form):
        title = CleanCharField(max_length=120)

    html = str(Form()["title"])
    assert 'data-max="120"' in html
    assert "maxlength" not in html


def test_text_that_was_refused_is_shown_again_and_fits_utf8():
    class Form(forms.Form):
        title = CleanCharField(max_length=4)

    form = Form({"title": "Zu lang\ud800\x00"})
    assert not form.is_valid()
    assert 'value="Zu lang"' in str(form["title"])


def test_email_loses_stray_spaces_only():
    assert CleanEmailField().clean(" mara@example.org\u00a0\x00") == "mara@example.org"


@pytest.mark.parametrize(
    "wrong", ["mara", "mara@", "a@b.example\x00,c@d.example", "m" * 300 + "@example.org"]
)
def test_email_is_refused_when_it_is_none(wrong):
    assert errors_of(CleanEmailField(), wrong)
