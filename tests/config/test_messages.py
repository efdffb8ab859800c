"""Every word on screen exists in German."""

import re

from config import messages

OTHER_NAME = re.compile(r"import \w*gettext\w* as (?!_$)(\w+)", re.MULTILINE)


def test_the_german_catalogue_is_complete():
    assert messages.problems("de") == []


def test_messages_are_found_in_code_and_templates():
    found = {message.id: message for message in messages.collect() if message.id}
    assert "“%(zone)s” is not a time zone." in found  # Python, lazily
    assert "Skip to the content" in found  # {% translate %}
    assert ("One unconference", "%(number)s unconferences") in found  # {% blocktranslate %}


def test_no_word_hides_behind_a_name_that_is_not_looked_for():
    paths = [path for source in messages.SOURCES for path in (messages.ROOT / source).rglob("*.py")]
    assert [path.name for path in paths if OTHER_NAME.search(path.read_text("utf-8"))] == []


def test_the_catalogue_uses_no_exclamation_marks_and_german_quotes():
    for message in messages.read("de"):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in strings if message.id else ():
            assert "!" not in text, text
            assert "“" not in text or "„" in text, text
