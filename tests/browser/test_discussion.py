"""A long discussion, walked by keyboard."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from comments import leaving, moderation, visits
from comments.models import Comment, Mention
from tests.browser.audit import problems
from tests.browser.conftest import session_of
from tests.factories import CommentFactory, EventFactory, PitchFactory, UserFactory

SOURCE = "https://blog.example/post"


@pytest.fixture
def aylin():
    return UserFactory(email="aylin@example.org", language="de", profile__name="Aylin Kaya")


@pytest.fixture
def thread(aylin):
    """A root with 14 replies, most of them folded, and one of every other kind."""
    written = timezone.now() - dt.timedelta(days=2)
    pitch = PitchFactory(event=EventFactory(language="de"), language="de")
    somebody = UserFactory(profile__name="Max Groß")
    at = {"pitch": pitch, "author": somebody, "created_at": written}
    root = CommentFactory(**at)
    CommentFactory.create_batch(14, parent=root, author=somebody, created_at=written)
    hidden = CommentFactory(**at)
    CommentFactory(parent=hidden, author=somebody, created_at=written)
    moderation.hide(hidden, by=pitch.owner, now=written)
    CommentFactory(pitch=pitch, author=aylin, state="awaiting_moderation")
    leaving.delete(CommentFactory(pitch=pitch, author=aylin), now=timezone.now())
    Mention.objects.create(
        comment=CommentFactory(pitch=pitch, author=None, guest_name="Kim", origin="webmention"),
        pitch=pitch, source=SOURCE, domain="blog.example", target=SOURCE, protocol="webmention",
    )  # fmt: skip
    visits.record(pitch, user=aylin, now=timezone.now() - dt.timedelta(days=1))
    return list(Comment.objects.filter(root=root).order_by("path"))


def test_a_discussion_is_walked_by_keyboard(page, live_server, thread, aylin):
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(aylin.email)}
    page.context.add_cookies([{**cookie, "url": live_server.url}])
    last = thread[-1]

    page.goto(f"/comments/{last.pk}/")
    expect(page.locator(f"#{last.anchor}")).to_be_focused()
    expect(page.locator(f"#{last.anchor}")).to_be_in_viewport()

    page.goto(last.pitch.get_absolute_url())
    expect(page.locator(f"#{last.anchor}")).to_be_hidden()
    page.get_by_role("link", name="1 neuer seit deinem letzten Besuch").press("Enter")
    expect(page.locator("li:target")).to_contain_text("Kim")
    summary = page.locator("summary", has_text="8 weitere Antworten")
    summary.press("Enter")
    expect(page.locator(f"#{last.anchor}")).to_be_visible()
    assert problems(page) == []

    page.locator(f"#{last.anchor}").get_by_role("link", name="Antworten").press("Enter")
    field = page.locator(f"#reply-{last.pk} textarea")
    expect(field).to_be_focused()
    page.keyboard.type("Ohne Maus geschrieben.")
    page.locator(f"#reply-{last.pk}").get_by_role("button", name="Antwort").press("Enter")
    fresh = page.locator("li.comment", has_text="Ohne Maus geschrieben.")
    expect(fresh).to_be_focused()
    expect(fresh).to_be_in_viewport()
    assert Comment.objects.get(body="Ohne Maus geschrieben.").parent == last


def test_a_permalink_opens_the_fold_without_javascript(open_page, live_server, thread):
    page = open_page(live_server.url, javascript=False)

    page.goto(f"/comments/{thread[-1].pk}/")

    expect(page.locator(f"#{thread[-1].anchor}")).to_be_in_viewport()
    page.get_by_role("link", name="Neueste zuerst").click()
    expect(page.locator(".thread > li").first).to_contain_text("Kim")
    assert re.search("order=newer#discussion$", page.url)
