import datetime as dt
import uuid

import pytest

from comments import posting
from comments.models import Comment
from comments.posting import Guest
from config.lib.text import COMMENT_MAX_LENGTH, TooLong
from tests.factories import (
    CommentFactory,
    EventFactory,
    LikeFactory,
    PitchFactory,
    ProposalFactory,
    UserFactory,
)
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

HANNA = Guest(name="Hanna", email="hanna@example.org", site="https://hanna.example")
MINUTE = dt.timedelta(minutes=1)


def test_post_publishes_rendered_markdown_of_a_member():
    pitch, aylin = PitchFactory(), UserFactory()

    comment = posting.post(pitch, by=aylin, body="So **true**", now=NOW).comment

    comment.refresh_from_db()
    assert (comment.author, comment.visitor, comment.guest_name) == (aylin, None, "")
    assert comment.body_html == "<p>So <strong>true</strong></p>\n"
    assert (comment.state, comment.created_at) == (Comment.State.PUBLISHED, NOW)


def test_post_gives_a_guest_a_visitor_id():
    comment = posting.post(PitchFactory(), guest=HANNA, body="Hello", now=NOW).comment

    comment.refresh_from_db()
    assert comment.author is None
    assert comment.visitor is not None
    assert (comment.guest_name, comment.guest_email, comment.guest_site) == (
        "Hanna",
        "hanna@example.org",
        "https://hanna.example",
    )


def test_post_keeps_the_visitor_id_that_a_guest_came_with():
    visitor = uuid.uuid4()

    posted = posting.post(
        PitchFactory(), guest=Guest(name="Hanna", visitor=visitor), body="Hello", now=NOW
    )

    assert posted.comment.visitor == visitor


def test_post_places_answers_below_their_true_parent():
    root = CommentFactory()

    answer = posting.post(root.pitch, guest=HANNA, body="A", parent=root, now=NOW).comment
    deeper = posting.post(root.pitch, guest=HANNA, body="B", parent=answer, now=NOW).comment

    assert (root.path, answer.path, deeper.path) == (
        [root.pk],
        [root.pk, answer.pk],
        [root.pk, answer.pk, deeper.pk],
    )
    assert [(c.parent_id, c.root_id, c.depth) for c in (answer, deeper)] == [
        (root.pk, root.pk, 1),
        (answer.pk, root.pk, 2),
    ]


def test_post_notes_the_session_it_speaks_of():
    proposal = ProposalFactory()

    posted = posting.post(proposal.pitch, guest=HANNA, body="A", proposal=proposal, now=NOW)

    assert posted.comment.proposal == proposal


@pytest.mark.parametrize("who", [{"guest": HANNA}, {"by": None}])
def test_post_of_the_same_text_within_minutes_makes_no_second_comment(who):
    if "by" in who:
        who = {"by": UserFactory()}
    pitch = PitchFactory()

    first = posting.post(pitch, body="Hello", now=NOW, **who)
    second = posting.post(pitch, body="Hello", now=NOW + 2 * MINUTE, **who)

    assert (first.is_new, second.is_new) == (True, False)
    assert second.comment == first.comment
    assert pitch.comments.count() == 1


def test_post_takes_the_same_text_elsewhere_later_or_by_another():
    pitch, aylin = PitchFactory(), UserFactory()

    posted = [
        posting.post(pitch, by=aylin, body="Hello", now=NOW),
        posting.post(PitchFactory(), by=aylin, body="Hello", now=NOW),
        posting.post(pitch, by=UserFactory(), body="Hello", now=NOW),
        posting.post(pitch, guest=HANNA, body="Hello", now=NOW),
        posting.post(pitch, guest=Guest(name="Ida"), body="Hello", now=NOW),
        posting.post(pitch, by=aylin, body="Hello", now=NOW + 5 * MINUTE),
    ]

    assert [p.is_new for p in posted] == [True] * 6


@pytest.mark.parametrize("kind", ["member", "visitor", "name"])
def test_post_refuses_the_eleventh_comment_of_a_minute(kind):
    pitch = PitchFactory()
    who = {
        "member": {"by": UserFactory()},
        "visitor": {"guest": Guest(name="Hanna", visitor=uuid.uuid4())},
        "name": {"guest": HANNA},
    }[kind]
    for number in range(10):
        posting.post(pitch, body=f"Comment {number}", now=NOW, **who)

    with pytest.raises(posting.TooFast) as error:
        posting.post(pitch, body="Comment 11", now=NOW + MINUTE / 2, **who)

    assert str(error.value) == "Too many attempts. Please wait 1 minute."
    assert posting.post(pitch, body="Comment 11", now=NOW + MINUTE, **who).is_new
    assert posting.post(pitch, guest=Guest(name="Ida"), body="Mine", now=NOW).is_new


def test_post_counts_the_rate_of_an_account_over_all_pitches():
    aylin = UserFactory()
    for number in range(10):
        posting.post(PitchFactory(), by=aylin, body=f"Comment {number}", now=NOW)

    with pytest.raises(posting.TooFast):
        posting.post(PitchFactory(), by=aylin, body="Comment 11", now=NOW)


@pytest.mark.parametrize("body", ["", "   \n", "[a]: https://example.org"])
def test_post_refuses_what_nobody_would_see(body):
    with pytest.raises(posting.Empty):
        posting.post(PitchFactory(), guest=HANNA, body=body, now=NOW)


def test_post_refuses_too_long_a_text_before_parsing():
    with pytest.raises(TooLong):
        posting.post(PitchFactory(), guest=HANNA, body="a" * (COMMENT_MAX_LENGTH + 1), now=NOW)


@pytest.mark.parametrize("state", ["draft", "withdrawn", "hidden"])
def test_post_refuses_a_pitch_that_is_not_public(state):
    with pytest.raises(posting.Closed):
        posting.post(PitchFactory(**{state: True}), guest=HANNA, body="A", now=NOW)


@pytest.mark.parametrize("state", ["removed", "deleted", "spam", "awaiting_moderation"])
def test_post_refuses_an_answer_to_what_is_not_published(state):
    parent = CommentFactory(state=state, author=None, body="", body_html="")

    with pytest.raises(posting.ParentGone):
        posting.post(parent.pitch, guest=HANNA, body="A", parent=parent, now=NOW)


def test_post_refuses_an_answer_below_another_pitch():
    with pytest.raises(posting.ParentGone):
        posting.post(PitchFactory(), guest=HANNA, body="A", parent=CommentFactory(), now=NOW)


@pytest.mark.parametrize(
    ("event", "guest_is_refused", "member_is_refused"),
    [
        ({}, None, None),
        ({"comment_policy": "members"}, posting.MembersOnly, None),
        ({"comment_policy": "nobody"}, posting.Closed, posting.Closed),
        ({"archived": True}, posting.Archived, posting.Archived),
        ({"draft": True}, posting.Closed, posting.Closed),
    ],
)
def test_refusal_follows_the_policy_of_the_event(
    event, guest_is_refused, member_is_refused, anonymous
):
    pitch = PitchFactory(event=EventFactory(**event))

    refused = [posting.refusal(pitch, user) for user in (anonymous, UserFactory())]

    assert [r and type(r) for r in refused] == [guest_is_refused, member_is_refused]


@pytest.mark.parametrize("state", ["draft", "withdrawn", "hidden"])
def test_refusal_closes_a_pitch_that_is_not_public(state):
    pitch = PitchFactory(**{state: True})

    assert type(posting.refusal(pitch, pitch.owner)) is posting.Closed


def test_edit_renders_again_and_marks_the_comment():
    comment = CommentFactory(created_at=NOW)

    posting.edit(comment, body="*Better*", now=NOW + 14 * MINUTE)

    comment.refresh_from_db()
    assert (comment.body, comment.body_html) == ("*Better*", "<p><em>Better</em></p>\n")
    assert comment.edited_at == NOW + 14 * MINUTE
    assert comment.events.count() == 2


def test_edit_without_a_change_leaves_no_mark():
    comment = CommentFactory(created_at=NOW)

    assert posting.edit(comment, body=comment.body, now=NOW).edited_at is None


def test_edit_is_refused_after_fifteen_minutes():
    comment = CommentFactory(created_at=NOW)

    with pytest.raises(posting.TooLate):
        posting.edit(comment, body="Too late", now=NOW + 15 * MINUTE)


@pytest.mark.parametrize("change", [{"state": "removed"}, None])
def test_edit_is_refused_when_the_comment_is_gone(change):
    comment = CommentFactory(created_at=NOW)
    if change:
        Comment.objects.update(**change)
    else:
        Comment.objects.all().delete()

    with pytest.raises(posting.Gone):
        posting.edit(comment, body="Too late", now=NOW)


def test_delete_without_replies_takes_the_row_away():
    comment = CommentFactory()

    posting.delete(comment)
    posting.delete(comment)

    assert Comment.objects.count() == 0


def test_delete_with_replies_leaves_a_tombstone_without_personal_data():
    comment = CommentFactory(
        guest=True,
        guest_site="https://hanna.example",
        visitor=uuid.uuid4(),
        edited_at=NOW,
        proposal=None,
        removed_reason="",
    )
    LikeFactory(comment=comment)
    reply = CommentFactory(parent=comment)

    posting.delete(comment)

    structure = {"id", "pitch_id", "parent_id", "root_id", "depth", "path", "created_at"}
    row = Comment.objects.filter(pk=comment.pk).values().get()
    assert {k: v for k, v in row.items() if k not in structure and v} == {
        "origin": "here",
        "state": "deleted",
    }
    assert not comment.likes.exists()
    assert Comment.objects.filter(pk=reply.pk).exists()


def test_delete_of_a_member_forgets_who_it_was():
    comment = CommentFactory()
    CommentFactory(parent=comment)

    posting.delete(comment)

    comment.refresh_from_db()
    assert (comment.author, comment.state) == (None, Comment.State.DELETED)


def test_delete_of_the_last_reply_takes_all_tombstones_above_it():
    root = CommentFactory()
    middle = CommentFactory(parent=root)
    other = CommentFactory(parent=root)
    leaf = CommentFactory(parent=middle)
    posting.delete(root)
    posting.delete(middle)

    posting.delete(leaf)
    assert set(Comment.objects.all()) == {root, other}

    posting.delete(other)
    assert not Comment.objects.exists()


def test_delete_stops_at_a_parent_that_still_says_something():
    root = CommentFactory()
    middle = CommentFactory(parent=root)
    leaf = CommentFactory(parent=middle)
    posting.delete(middle)

    posting.delete(leaf)

    assert list(Comment.objects.all()) == [root]


def test_a_chain_of_a_hundred_is_written_and_deleted_from_above():
    pitch, chain = PitchFactory(), [None]
    for number in range(100):
        at = NOW + number * MINUTE
        answer = posting.post(pitch, guest=HANNA, body=f"{number}", parent=chain[-1], now=at)
        chain.append(answer.comment)

    assert chain[-1].depth == 99
    for comment in chain[1:-1]:
        posting.delete(comment)
    assert pitch.comments.filter(state=Comment.State.DELETED).count() == 99

    posting.delete(chain[-1])
    assert pitch.comments.count() == 0
