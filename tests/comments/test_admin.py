import datetime as dt

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse
from django.utils import timezone

from comments import bans, closures
from comments.models import Act, Ban, Comment, Filter, Flag, Rules, TurnedAway
from tests.factories import CommentFactory, EventFactory, MembershipFactory, UserFactory

LIST = "admin:comments_comment_changelist"


@pytest.fixture
def event(db):
    return EventFactory()


@pytest.fixture
def desk(client, event):
    client.force_login(MembershipFactory(event=event, role="moderator").user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def act(desk, action, *rows, at=LIST, **data):
    numbers = [row.pk for row in rows]
    data = {"action": action, ACTION_CHECKBOX_NAME: numbers, "index": 0, **data}
    response = desk.post(reverse(at), data, follow=True)
    return [str(message) for message in response.context["messages"]]


def listed(desk, **query):
    return list(desk.get(reverse(LIST), query).context["cl"].result_list)


def test_a_moderator_hides_a_comment_with_a_reason_and_restores_it(desk, event):
    comment = CommentFactory(pitch__event=event)

    assert act(desk, "hide", comment, rule="spam", note="A shop") == ["1 comment is hidden."]
    comment.refresh_from_db()
    assert (comment.state, comment.removed_because, comment.removed_reason) == (
        "removed",
        "spam",
        "A shop",
    )

    assert act(desk, "restore", comment) == ["1 comment is shown again."]
    comment.refresh_from_db()
    assert (comment.state, comment.removed_because) == ("published", "")


@pytest.mark.parametrize(
    ("action", "before", "after", "said"),
    [
        ("approve", "awaiting_moderation", "published", "2 comments are published."),
        ("spam", "published", "spam", "2 comments are spam."),
    ],
)
def test_many_are_done_at_once(desk, event, action, before, after, said):
    rows = CommentFactory.create_batch(2, pitch__event=event, state=before)

    assert act(desk, action, *rows) == [said]
    assert set(Comment.objects.values_list("state", flat=True)) == {after}
    assert Act.objects.count() == 2


def test_hiding_asks_for_a_reason_that_exists(desk, event):
    comment = CommentFactory(pitch__event=event)

    for data in ({}, {"rule": "because"}, {"rule": "spam", "note": "x" * 201}):
        act(desk, "hide", comment, **data)

    assert Comment.objects.get().state == "published"


def test_what_cannot_be_done_is_named_and_holds_up_nothing(desk, event):
    waiting = CommentFactory(pitch__event=event, body="Me, too", state="awaiting_moderation")
    hidden = CommentFactory(pitch__event=event, state="removed")

    assert act(desk, "restore", waiting, hidden) == [
        "Me, too: This comment waits for approval; nobody has hidden it.",
        "1 comment is shown again.",
    ]


def test_what_an_author_deletes_is_nobody_else_s(desk, event):
    gone = CommentFactory(pitch__event=event, body="Oops", state="leaving", left_at=timezone.now())

    for action in ("approve", "spam", "restore"):
        assert act(desk, action, gone) == ["Oops: Its author has deleted this comment."]


def test_an_author_is_banned_once_for_several_comments_and_let_in_again(desk, event):
    author = UserFactory()
    rows = CommentFactory.create_batch(2, pitch__event=event, author=author)

    assert act(desk, "ban", *rows) == ["1 person is banned from the discussions of the event."]
    assert bans.holds(event, user=author)
    assert {comment.state for comment in Comment.objects.all()} == {"published"}

    lifted = act(desk, "lift", Ban.objects.get(), at="admin:comments_ban_changelist")
    assert lifted == ["1 ban is lifted."]
    assert not bans.holds(event, user=author)


def test_a_banned_author_s_comments_become_spam_in_this_event_alone(desk, event):
    author = UserFactory()
    comment = CommentFactory(pitch__event=event, author=author)
    CommentFactory(pitch__event=event, author=author, state="awaiting_moderation")
    elsewhere, other = CommentFactory(author=author), CommentFactory(pitch__event=event)

    assert act(desk, "ban_and_spam", comment)[1:] == ["2 comments are spam."]

    left = Comment.objects.filter(state="published")
    assert set(left) == {elsewhere, other}


def test_the_team_is_not_banned_and_it_is_said_why(desk, event):
    organiser = MembershipFactory(event=event).user
    comment = CommentFactory(pitch__event=event, author=organiser, body="Hello")

    assert act(desk, "ban", comment) == [
        "Hello: Whoever moderates this event cannot be banned from it."
    ]


@pytest.mark.parametrize("what", ["thread", "discussion"])
def test_a_thread_or_a_whole_discussion_is_closed_and_opened(desk, event, what):
    comment = CommentFactory(pitch__event=event)

    act(desk, f"close_{what}", comment)
    closed = closures.of(comment.pitch)
    assert (closed.covers(comment), closed.covers(None)) == (True, what == "discussion")

    act(desk, f"open_{what}", comment)
    assert not closures.of(comment.pitch).covers(comment)


def test_what_waits_comes_first(desk, event):
    waiting = CommentFactory(pitch__event=event, state="awaiting_moderation")
    spam = CommentFactory(pitch__event=event, state="spam")
    newest = CommentFactory(pitch__event=event)

    assert listed(desk) == [waiting, newest, spam]


def test_comments_are_found_by_words_state_reason_and_reports(desk, event):
    wanted = CommentFactory(
        pitch__event=event,
        body="Where is the soup?",
        state="awaiting_moderation",
        held_because="links",
    )
    Flag.objects.create(comment=wanted, user=UserFactory(), reason="spam")
    settled = CommentFactory(pitch__event=event)
    Flag.objects.create(
        comment=settled, user=UserFactory(), reason="spam", reviewed_at=timezone.now()
    )

    for query in (
        {"q": "soup"},
        {"state": "awaiting_moderation"},
        {"because": "links"},
        {"reported": "yes"},
    ):
        assert listed(desk, **query) == [wanted]


def test_a_moderator_reads_why_it_waits_and_what_was_reported(desk, event):
    comment = CommentFactory(
        pitch__event=event, guest=True, state="awaiting_moderation", held_because="flags"
    )
    reporter = UserFactory(profile__name="Rita Reporter")
    Flag.objects.create(comment=comment, user=reporter, reason="insulting", note="See line two")
    Flag.objects.create(comment=comment, user=UserFactory(), reason="insulting")

    for page in (reverse(LIST), reverse("admin:comments_comment_change", args=[comment.pk])):
        text = desk.get(page).text
        for said in ("reported by readers", "2 × insulting", "“See line two”", "Hanna", "guest"):
            assert said in text
        assert "Rita" not in text


@pytest.mark.parametrize("count", [1, 3, 100])
@pytest.mark.parametrize(("name", "queries"), [("comment", 7), ("ban", 6), ("act", 6)])
def test_the_lists_ask_as_little_for_a_hundred_rows_as_for_one(
    desk, event, django_assert_num_queries, name, count, queries
):
    seed = CommentFactory(pitch__event=event, guest=True, state="awaiting_moderation")
    rows = [seed]
    for number in range(1, count):
        pk = seed.pk + number
        rows.append(Comment(id=pk, path=[pk], pitch=seed.pitch, author=seed.author, body="x"))
        rows[-1].published_at = seed.created_at
    Comment.objects.bulk_create(rows[1:])
    user = UserFactory()
    Flag.objects.bulk_create(Flag(comment=row, user=user, reason="spam") for row in rows)
    Ban.objects.bulk_create(Ban(event=event, email=f"{n}@example.org") for n in range(count))
    Act.objects.bulk_create(
        Act(event=event, comment=row, pitch=seed.pitch, actor=user, kind="spam") for row in rows
    )

    with django_assert_num_queries(queries):
        page = desk.get(reverse(f"admin:comments_{name}_changelist"))
    assert len(page.context["cl"].result_list) == count


def test_nobody_edits_the_words_of_others(desk, event):
    comment = CommentFactory(pitch__event=event, body="As it was")
    page = reverse("admin:comments_comment_change", args=[comment.pk])

    assert desk.post(page, {"body": "As it never was"}).status_code == 403
    assert Comment.objects.get().body == "As it was"


def test_a_guest_s_address_is_shown_nowhere(desk, event):
    comment = CommentFactory(pitch__event=event, guest=True, guest_email="secret@example.org")
    ban = bans.ban_author(comment, by=UserFactory(), now=timezone.now())
    pages = [reverse(LIST), reverse("admin:comments_ban_changelist")]
    for page in ("change", "history"):
        pages.append(reverse(f"admin:comments_comment_{page}", args=[comment.pk]))
        pages.append(reverse(f"admin:comments_ban_{page}", args=[ban.pk]))

    for page in pages:
        assert "secret@example.org" not in desk.get(page).text


def test_the_overview_counts_what_was_refused_in_seven_days(desk, event):
    now = timezone.now()
    reasons = [Filter.HONEYPOT, Filter.TIMESTAMP, Filter.HONEYPOT]
    TurnedAway.objects.bulk_create(TurnedAway(event=event, reason=r, at=now) for r in reasons)
    TurnedAway.objects.create(event=event, reason=Filter.RATE, at=now - dt.timedelta(days=8))

    assert (
        "3 texts refused in 7 days: 2 hidden field filled in, "
        "1 sent too quickly or from an old page"
    ) in desk.get(reverse("admin:index")).text


class TestRules:
    @pytest.fixture
    def desk(self, client, event):
        client.force_login(MembershipFactory(event=event).user)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    def test_the_first_save_stores_them_and_the_next_changes_them(self, desk, event):
        page = reverse("admin:comments_rules_change", args=[event.pk])
        assert page in desk.get(reverse("admin:comments_rules_changelist")).text
        assert page in desk.get(reverse("admin:program_event_change", args=[event.pk])).text
        assert desk.get(page).status_code == 200
        assert not Rules.objects.exists()
        data = {"first_comment": "email", "links_to_hold": 3, "flags_to_hide": 5, "words": "casino"}

        for takes_mentions in (True, False):
            desk.post(page, data | ({"takes_mentions": "on"} if takes_mentions else {}))
            rules = Rules.of(event)
            assert (rules.first_comment, rules.links_to_hold, rules.flags_to_hide) == (
                "email",
                3,
                5,
            )
            assert (rules.words, rules.takes_mentions) == ("casino", takes_mentions)

        assert Rules.objects.count() == 1
        assert "Webmention" in desk.get(page).text

    def test_a_wrong_answer_is_shown_again(self, desk, event):
        page = reverse("admin:comments_rules_change", args=[event.pk])

        response = desk.post(
            page, {"first_comment": "email", "links_to_hold": 0, "words": "casino"}
        )

        assert "casino" in response.text
        assert not Rules.objects.exists()

    def test_nothing_of_another_event_is_reached(self, desk):
        for other in (EventFactory(), Rules.objects.create(event=EventFactory()).event):
            page = reverse("admin:comments_rules_change", args=[other.pk])
            assert desk.get(page).status_code == 404
            assert desk.post(page, {"flags_to_hide": 1}).status_code == 404

    def test_moderators_read_no_rules(self, client, event):
        client.force_login(MembershipFactory(event=event, role="moderator").user)

        assert client.get(reverse("admin:comments_rules_changelist")).status_code == 403
        page = reverse("admin:comments_rules_change", args=[event.pk])
        assert client.get(page).status_code == 403
