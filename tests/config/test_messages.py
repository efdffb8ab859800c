"""Every word on screen exists in German."""

from config import messages


def test_the_german_catalogue_is_complete():
    assert messages.problems("de") == []


def test_messages_are_found_in_code_and_templates():
    found = {message.id: message for message in messages.collect() if message.id}
    assert "“%(zone)s” is not a time zone." in found  # Python, lazily
    assert "Skip to the content" in found  # {% translate %}
    assert ("One unconference", "%(number)s unconferences") in found  # {% blocktranslate %}


def test_the_catalogue_uses_no_exclamation_marks_and_german_quotes():
    for message in messages.read("de"):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in strings if message.id else ():
            assert "!" not in text, text
            assert "“" not in text or "„" in text, text
