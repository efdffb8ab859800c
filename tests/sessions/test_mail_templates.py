"""Placeholders: looked up once among plain strings, and a value is never read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import mail_templates
from sessions.mail_templates import PLACEHOLDERS, Kind, Text, Texts, default, merge, merged
from sessions.models import MailTemplate
from tests.factories import EventFactory, ProposalFactory, UserFactory

TEXT = st.text(st.sampled_from("{}ab \n\r\x00ü€.!%$\\") | st.characters(), max_size=60)
VALUES = st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), TEXT)
PARTS = st.lists(st.sampled_from(["{name}", "{title}", "{nothing}", "{", "}", "a", "\n"]))


@given(TEXT, VALUES)
def test_no_text_and_no_value_makes_it_stumble(text, values):
    done = merged(Text(text, text), values)

    assert "\n" not in done.subject
    assert "\r" not in done.subject
    assert len(done.subject) <= 200


@given(PARTS, TEXT, TEXT)
def test_a_value_is_never_expanded(parts, name, title):
    values = {"name": "{title}" + name, "title": "{name}" + title}
    once = {"{name}": merge("{name}", values), "{title}": merge("{title}", values)}

    assert merge("".join(parts), values) == "".join(once.get(part, part) for part in parts)
    assert once["{name}"].startswith("{title}")


@given(TEXT)
def test_a_value_stays_on_its_line(value):
    assert len(merge("a {name} b", {"name": value}).splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    ["{name.__class__}", "{name!r}", "{name:>9}", "{0}", "{}", "{{name}}", "%(name)s", "{% now %}"],
)
def test_nothing_but_the_bare_name_reaches_a_value(text):
    assert merge(text, {"name": "Aylin"}) == text.replace("{name}", "Aylin")


@pytest.mark.parametrize(
    ("text", "kind", "unknown"),
    [
        ("Hello {name}, {title}", "accepted", []),
        ("{nmae} {nmae} {title.pk} {}", "accepted", ["nmae", "title.pk", ""]),
        ("{confirm_link}", "accepted", ["confirm_link"]),
        ("{confirm_link}", "asked", []),
        ("a { b } {", "accepted", [" b "]),
    ],
)
def test_what_is_no_placeholder_is_named(text, kind, unknown):
    assert mail_templates.unknown(text, kind) == unknown


@pytest.mark.parametrize(
    ("text", "torn"),
    [
        ("Hello {name}, a set {x} { } and a smile :}", []),
        ("Hello {name, {name, at {title} or link} ", ["{name", "link}"]),
        ("{ event\n}", ["{ event"]),
    ],
)
def test_a_word_with_one_brace_is_named(text, torn):
    assert mail_templates.torn(text) == torn


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_words_of_the_site_are_complete(kind, language):
    text = default(kind, language)

    for part in (text.subject, text.body):
        assert mail_templates.unknown(part, kind) == []
        assert part == part.strip() != ""
    assert "{title}" in text.subject
    assert ("{confirm_link}" in text.body) == (kind in mail_templates.ASKING)
    assert len(text.body) < MailTemplate._meta.get_field("body").max_length


@pytest.mark.parametrize("kind", Kind)
def test_the_words_of_the_site_are_in_both_languages(kind):
    assert default(kind, "de").body != default(kind, "en").body
    assert default(kind, "de").body.startswith("Hallo {name},")


@pytest.mark.django_db
def test_a_mail_is_merged_with_the_real_values():
    event = EventFactory(name="Floh & Co", slug="floh")
    proposal = ProposalFactory(pitch__event=event, pitch__title="{name} <b>\n& more")
    host = UserFactory(profile__name="Aylin", language="de")
    event.mail_templates.create(
        kind="accepted", language="de", subject="{title}", body="{name} {event} {date} {link}"
    )

    text = Texts(event).to(host, proposal, "accepted")

    assert text.subject == "{name} <b> & more"
    assert text.body == (
        "Aylin Floh & Co 9. November 2026 – 10. November 2026 "
        f"http://testserver{proposal.get_absolute_url()}"
    )


@pytest.mark.django_db
def test_an_account_without_a_profile_is_called_by_its_address():
    host = UserFactory(profile=None, email="floh@example.org")

    assert mail_templates.name_of(host) == "floh"
