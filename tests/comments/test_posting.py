import datetime as dt
import uuid

import pytest

from comments import markup, posting, rates, refusals
from comments.models import Ban, Closure, Comment, Filter, Rules, TurnedAway
from comments.writers import Guest
from config.lib.text import COMMENT_MAX_LENGTH, TooLong
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    MembershipFactory,
    PitchFactory,
    ProposalFactory,
    UserFactory,
)
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

HANNA = Guest(name="Hanna", email="hanna@example.org", site="https://hanna.example")
IDA = Guest(name="Ida", visitor=uuid.uuid4())
MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)


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
    CommentFactory(guest=True, pitch=root.pitch, visitor=IDA.visitor)

    answer = posting.post(root.pitch, guest=IDA, body="A", parent=root, now=NOW).comment
    deeper = posting.post(root.pitch, guest=IDA, body="B", parent=answer, now=NOW).comment

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


@pytest.mark.parametrize("kind", ["member", "visitor", "new visitors"])
def test_post_refuses_the_eleventh_comment_of_a_minute(kind):
    pitch, ida = PitchFactory(), Guest(name="Ida", visitor=uuid.uuid4())
    who = {
        "member": {"by": UserFactory()},
        "visitor": {"guest": Guest(name="Hanna", visitor=uuid.uuid4())},
        "new visitors": {"guest": HANNA},
    }[kind]
    for number in range(10):
        posting.post(pitch, body=f"Comment {number}", now=NOW + number * SECOND, **who)

    with pytest.raises(rates.TooMany) as error:
        posting.post(pitch, body="Comment 11", now=NOW + MINUTE / 2, **who)

    assert error.value.seconds == 30
    assert TurnedAway.objects.get().reason == Filter.RATE
    assert posting.post(pitch, body="Comment 11", now=NOW + MINUTE, **who).is_new
    assert posting.post(pitch, guest=ida, body="Mine", now=NOW).is_new


def test_post_counts_the_rate_of_an_account_over_all_pitches():
    aylin = UserFactory()
    for number in range(10):
        posting.post(PitchFactory(), by=aylin, body=f"Comment {number}", now=NOW)

    with pytest.raises(rates.TooMany):
        posting.post(PitchFactory(), by=aylin, body="Comment 11", now=NOW)


def test_what_is_refused_or_said_twice_is_no_attempt():
    pitch, aylin = PitchFactory(), UserFactory()
    for _number in range(12):
        posting.post(pitch, by=aylin, body="Hello", now=NOW)
        with pytest.raises(markup.Empty):
            posting.post(pitch, by=aylin, body=" ", now=NOW)

    assert posting.post(pitch, by=aylin, body="Something else", now=NOW).is_new


@pytest.mark.parametrize("body", ["", "   \n", "[a]: https://example.org"])
def test_post_refuses_what_nobody_would_see(body):
    with pytest.raises(markup.Empty):
        posting.post(PitchFactory(), guest=HANNA, body=body, now=NOW)


def test_post_refuses_too_long_a_text_before_parsing():
    with pytest.raises(TooLong):
        posting.post(PitchFactory(), guest=HANNA, body="a" * (COMMENT_MAX_LENGTH + 1), now=NOW)


@pytest.mark.parametrize("state", ["draft", "withdrawn", "hidden"])
def test_post_refuses_a_pitch_that_is_not_public(state):
    with pytest.raises(refusals.Closed):
        posting.post(PitchFactory(**{state: True}), guest=HANNA, body="A", now=NOW)


@pytest.mark.parametrize("state", ["removed", "deleted", "spam", "awaiting_moderation", "leaving"])
def test_post_refuses_an_answer_to_what_is_not_published(state):
    left_at = NOW if state == "leaving" else None
    parent = CommentFactory(state=state, author=None, body="", body_html="", left_at=left_at)

    with pytest.raises(refusals.ParentGone):
        posting.post(parent.pitch, guest=HANNA, body="A", parent=parent, now=NOW)


def test_post_refuses_an_answer_below_another_pitch():
    with pytest.raises(refusals.ParentGone):
        posting.post(PitchFactory(), guest=HANNA, body="A", parent=CommentFactory(), now=NOW)


@pytest.mark.parametrize(
    ("event", "guest_is_refused", "member_is_refused"),
    [
        ({}, None, None),
        ({"comment_policy": "members"}, refusals.MembersOnly, None),
        ({"comment_policy": "nobody"}, refusals.Closed, refusals.Closed),
        ({"archived": True}, refusals.Archived, refusals.Archived),
        ({"draft": True}, refusals.Closed, refusals.Closed),
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

    assert type(posting.refusal(pitch, pitch.owner)) is refusals.Closed


def test_refusal_covers_what_moderators_closed(anonymous):
    open_one, answer = CommentFactory(), CommentFactory(parent=CommentFactory())
    Closure.objects.create(pitch=answer.pitch, root=answer.root)

    def refused(pitch, parent=None):
        return type(posting.refusal(pitch, anonymous, parent=parent))

    assert refused(answer.pitch) is type(None)
    assert refused(answer.pitch, answer) is refusals.ThreadClosed
    Closure.objects.create(pitch=open_one.pitch)
    assert refused(open_one.pitch) is refused(open_one.pitch, open_one) is refusals.ThreadClosed


@pytest.mark.parametrize("who", ["user", "visitor", "email"])
def test_refusal_names_a_ban_to_whom_it_meets_in_this_event(who, anonymous):
    pitch, other = PitchFactory(), PitchFactory()
    banned = {"user": UserFactory(), "visitor": uuid.uuid4(), "email": "Hanna@example.org"}
    Ban.objects.create(event=pitch.event, **{who: banned[who]})
    known = {who: banned[who]} if who != "email" else {"email": "hanna@example.org"}
    user = known.pop("user", anonymous)

    assert type(posting.refusal(pitch, user, **known)) is refusals.Banned
    assert posting.refusal(other, user, **known) is None
    assert posting.refusal(pitch, UserFactory(), visitor=uuid.uuid4()) is None


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda pitch: Closure.objects.create(pitch=pitch), Filter.CLOSED),
        (lambda pitch: Ban.objects.create(event=pitch.event, email=HANNA.email), Filter.BANNED),
    ],
)
def test_post_refuses_by_itself_what_is_closed_or_banned_and_notes_why(make, reason):
    pitch = PitchFactory()
    make(pitch)

    with pytest.raises(refusals.Closed):
        posting.post(pitch, guest=HANNA, body="Hello", now=NOW)

    noted = TurnedAway.objects.get()
    assert (noted.event, noted.reason, noted.at) == (pitch.event, reason, NOW)


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

    with pytest.raises(refusals.TooLate):
        posting.edit(comment, body="Too late", now=NOW + 15 * MINUTE)


@pytest.mark.parametrize("change", [{"state": "removed"}, None])
def test_edit_is_refused_when_the_comment_is_gone(change):
    comment = CommentFactory(created_at=NOW)
    if change:
        Comment.objects.update(**change)
    else:
        Comment.objects.all().delete()

    with pytest.raises(refusals.Gone):
        posting.edit(comment, body="Too late", now=NOW)


def test_edit_by_its_author_holds_a_comment_whose_new_words_are_listed():
    comment = CommentFactory(created_at=NOW)
    Rules.objects.create(event=comment.pitch.event, words="casino")

    edited = posting.edit(comment, body="A Casino", now=NOW)

    assert (edited.state, edited.held_because) == ("awaiting_moderation", "words")
    assert edited.published_at is not None


@pytest.mark.parametrize("trusted", ["host", "moderator"])
def test_edit_looks_not_through_the_words_of_hosts_and_moderators(trusted):
    comment = CommentFactory(created_at=NOW)
    pitch, links = comment.pitch, "<https://a.example> <https://b.example>"
    if trusted == "host":
        HostFactory(pitch=pitch, person=comment.author)
    else:
        MembershipFactory(event=pitch.event, user=comment.author, role="moderator")

    assert posting.edit(comment, body=links, now=NOW).is_published


def test_edit_of_what_is_held_leaves_it_held_for_what_matters_most():
    held = {"guest": True, "state": "awaiting_moderation", "created_at": NOW}
    first = CommentFactory(**held, held_because="first_post")
    flagged = CommentFactory(**held, held_because="flags", pitch=first.pitch)
    links = "<https://a.example> <https://b.example>"

    edited = [posting.edit(first, body=body, now=NOW) for body in ("Better", links, "Good")]
    edited.append(posting.edit(flagged, body=links, now=NOW))

    assert {row.state for row in edited} == {"awaiting_moderation"}
    assert [row.held_because for row in edited] == ["first_post", "links", "links", "flags"]


def test_edit_is_refused_to_whom_a_ban_meets():
    comment = CommentFactory(created_at=NOW)
    Ban.objects.create(event=comment.pitch.event, user=comment.author)

    with pytest.raises(refusals.Banned):
        posting.edit(comment, body="Better", now=NOW)
