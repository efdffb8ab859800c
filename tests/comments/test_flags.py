import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from comments import flags, moderation, rates
from comments.models import Act, Flag, Rules
from tests.factories import CommentFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db


def flag(comment, **said):
    return flags.add(
        comment, **{"by": said.get("by") or UserFactory(), "reason": "spam", "now": NOW, **said}
    )


def test_one_person_counts_once_whatever_they_say():
    comment, aylin = CommentFactory(), UserFactory()

    first = flag(comment, by=aylin, reason="insulting", note="Line two")
    again = flag(comment, by=aylin, reason="spam")

    assert first == again == Flag.objects.get()
    assert (again.reason, again.note) == ("insulting", "Line two")


def test_the_third_report_hides_and_queues_it_and_nobody_is_named():
    comment = CommentFactory()
    for _number in range(2):
        flag(comment)
    comment.refresh_from_db()
    assert comment.state == "published"

    flag(comment)

    comment.refresh_from_db()
    assert (comment.state, comment.held_because) == ("awaiting_moderation", "flags")
    act = Act.objects.get()
    assert (act.kind, act.actor, act.comment, act.note) == ("flagged", None, comment, "")


def test_the_event_says_how_many_reports_it_takes():
    comment = CommentFactory()
    Rules.objects.create(event=comment.pitch.event, flags_to_hide=1)

    flag(comment)

    comment.refresh_from_db()
    assert comment.is_held


def test_reports_that_a_moderator_settled_never_count_again():
    comment, fans = CommentFactory(), UserFactory.create_batch(3)
    for person in fans:
        flag(comment, by=person)
    moderation.approve(comment, by=UserFactory(), now=NOW)

    for person in (*fans, UserFactory(), UserFactory()):
        flag(comment, by=person)

    comment.refresh_from_db()
    assert comment.is_published
    flag(comment)
    comment.refresh_from_db()
    assert comment.is_held


@pytest.mark.parametrize("state", ["awaiting_moderation", "spam", "removed", "deleted"])
def test_what_is_not_published_cannot_be_reported(state):
    comment = CommentFactory(state=state, author=None, body="", body_html="")

    with pytest.raises(flags.NotFlaggable):
        flag(comment)


def test_ones_own_cannot_be_reported_not_even_as_the_guest_one_was():
    comment, visitor = CommentFactory(), uuid.uuid4()
    with pytest.raises(flags.OwnComment):
        flag(comment, by=comment.author)
    with pytest.raises(flags.OwnComment):
        flag(CommentFactory(guest=True, visitor=visitor), visitor=visitor)


def test_one_person_reports_twenty_comments_an_hour():
    comments, aylin = CommentFactory.create_batch(2), UserFactory()
    for _number in range(flags.MOST - 1):
        rates.consume(rates.Limit("flag", aylin.pk, at_most=99), now=NOW)
    flag(comments[0], by=aylin)

    with pytest.raises(rates.TooMany):
        flag(comments[1], by=aylin)
    flag(comments[1], by=aylin, now=NOW + flags.WITHIN + dt.timedelta(seconds=1))


@pytest.fixture
def comment():
    return CommentFactory(body_html="<p>Buy now</p>")


@pytest.fixture
def page(comment):
    return reverse("comments:flag", args=[comment.pk])


@pytest.fixture
def aylin(client):
    user = UserFactory()
    client.force_login(user)
    return user


def test_a_member_sees_the_comment_and_reports_it(client, aylin, comment, page):
    assert "<p>Buy now</p>" in client.get(page).text

    response = client.post(page, {"reason": "spam", "note": "A shop"})

    assert response.status_code == 303
    assert response.url.startswith(comment.pitch.get_absolute_url())
    assert response.url.endswith(f"#{comment.anchor}")
    assert Flag.objects.values_list("user", "reason", "note").get() == (aylin.pk, "spam", "A shop")


def test_a_report_without_a_reason_keeps_the_note(client, aylin, page):
    response = client.post(page, {"note": "A shop"})

    assert response.status_code == 422
    assert 'value="A shop"' in response.text
    assert not Flag.objects.exists()


def test_htmx_gets_the_form_alone_and_then_the_discussion(client, aylin, comment, page):
    htmx = {"HX-Request": "true"}
    assert "<html" not in client.get(page, headers=htmx).text

    response = client.post(page, {"reason": "spam"}, headers=htmx)

    assert response.headers["HX-Retarget"] == "#discussion"
    assert "Thank you" in response.text


def test_whoever_is_not_logged_in_logs_in_first(client, page):
    for ask in (client.get, client.post):
        assert ask(page).url == f"{reverse('account_login')}?next={page}"


def test_what_is_held_does_not_exist_for_readers(client, aylin):
    held = CommentFactory(state="awaiting_moderation")

    assert client.post(reverse("comments:flag", args=[held.pk])).status_code == 404


def test_a_refusal_is_told_on_the_page(client, comment, page):
    client.force_login(comment.author)

    response = client.post(page, {"reason": "spam"}, follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "This is your own comment."
    ]


def test_too_many_reports_are_429_and_say_when_to_come_back(client, aylin, page):
    for _number in range(flags.MOST):
        rates.consume(rates.Limit("flag", aylin.pk, at_most=99), now=timezone.now())

    response = client.post(page, {"reason": "spam", "note": "A shop"})

    assert response.status_code == 429
    assert 3590 < int(response.headers["Retry-After"]) <= 3600
    assert 'value="A shop"' in response.text
