"""The same source several times at once, each with a connection of its own."""

import pytest
from django.test import Client

from comments.mentions import records
from comments.mentions.parse import Said
from comments.models import Comment, Mention
from tests.at_once import at_once
from tests.factories import PitchFactory
from tests.factories.program import NOW

SOURCE = "https://blog.example/post"


@pytest.mark.django_db(transaction=True)
def test_one_source_makes_one_mention_and_one_comment_however_often_it_comes(settings):
    settings.TRUSTED_PROXY_COUNT = 0
    pitch = PitchFactory()
    data = {"source": SOURCE, "target": f"http://testserver{pitch.get_absolute_url()}"}

    def send():
        return Client().post("/webmention", data).status_code

    assert at_once(*[send] * 6) == [202] * 6
    mention = Mention.objects.get()

    def look():
        records.verified(mention, Said(text="One"), domain="blog.example", now=NOW)

    at_once(*[look] * 6)
    assert Comment.objects.get().mention == mention
