"""What readers see of a discussion, in both languages."""

import datetime as dt
import re

import pytest
from django.utils import timezone, translation
from django.utils.html import strip_tags

from comments import closures, leaving, likes, moderation, posting
from comments.models import Mention
from sessions.models import Pitch
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    LikeFactory,
    MembershipFactory,
    PitchFactory,
    ProposalFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def words(html):
    """The text alone, on one line."""
    return " ".join(strip_tags(html).split())


@pytest.mark.parametrize(
    ("language", "count", "headline"),
    [
        ("en", 0, "No comments yet"),
        ("en", 1, "1 comment"),
        ("en", 6, "6 comments"),
        ("de", 0, "Noch kein Kommentar"),
        ("de", 1, "1 Kommentar"),
        ("de", 6, "6 Kommentare"),
    ],
)
def test_the_headline_says_how_many(discussion, language, count, headline):
    pitch = PitchFactory()
    CommentFactory.create_batch(count, pitch=pitch)

    with translation.override(language):
        html = discussion(pitch)

    assert f'<h2 id="discussion-title">{headline}</h2>' in html


@pytest.mark.parametrize(
    ("language", "mine", "others", "said"),
    [
        ("en", False, 1, "1 person likes this"),
        ("en", False, 2, "2 people like this"),
        ("en", True, 0, "You like this"),
        ("en", True, 1, "You and 1 other like this"),
        ("en", True, 2, "You and 2 others like this"),
        ("de", False, 1, "Gefällt 1 Person"),
        ("de", False, 2, "Gefällt 2 Personen"),
        ("de", True, 0, "Gefällt dir"),
        ("de", True, 1, "Gefällt dir und 1 weiteren Person"),
        ("de", True, 2, "Gefällt dir und 2 weiteren Personen"),
    ],
)
def test_likes_are_said_in_words(discussion, language, mine, others, said):
    comment, aylin = CommentFactory(), UserFactory()
    LikeFactory.create_batch(others, comment=comment)
    if mine:
        likes.add(comment, by=aylin)

    with translation.override(language):
        html = discussion(comment.pitch, user=aylin)

    assert f"<span>{said}</span>" in html


def test_nothing_is_said_of_no_likes(discussion):
    assert "like this" not in discussion(CommentFactory().pitch)


def test_only_others_who_are_logged_in_get_a_like_button(discussion):
    comment = CommentFactory()

    def buttons(user=None):
        return discussion(comment.pitch, user=user).count(f'id="like-{comment.pk}"')

    assert (buttons(), buttons(comment.author), buttons(UserFactory())) == (0, 0, 1)


def test_a_member_is_named_with_a_link_and_a_host_is_marked(discussion):
    comment = CommentFactory(author__profile__name="Aylin Kaya")
    HostFactory(pitch=comment.pitch, person=comment.author)

    html = discussion(comment.pitch)

    assert f'href="{comment.author.profile.get_absolute_url()}">Aylin Kaya</a>' in html
    assert '<span class="chip">Host</span>' in html


def test_a_guests_address_is_never_shown(discussion):
    comment = CommentFactory(guest=True)

    html = discussion(comment.pitch)

    assert '<span class="comment-name">Hanna</span><span class="chip">Guest</span>' in html
    assert comment.guest_email not in html


def test_a_comment_of_a_closed_account_stays_without_a_name(discussion):
    comment = CommentFactory(author=None)

    assert "Somebody who has left" in discussion(comment.pitch)


def test_the_time_is_a_permalink_in_the_zone_of_the_event(discussion):
    comment = CommentFactory(created_at=dt.datetime(2026, 10, 1, 22, 43, tzinfo=dt.UTC))

    with timezone.override("Europe/Berlin"), translation.override("de"):
        html = discussion(comment.pitch)

    assert f'href="/comments/{comment.pk}/"><time datetime="2026-10-02T00:43:00+0200">' in html
    assert "2. Oktober 2026, 00:43 Uhr</time>" in html


def test_edited_comments_say_so(discussion):
    comment = CommentFactory()
    assert "edited" not in discussion(comment.pitch)

    posting.edit(comment, body="Better", now=comment.created_at)
    assert "edited" in discussion(comment.pitch)


def test_depth_is_spoken_and_deep_ones_link_what_they_answer(discussion):
    chain = [CommentFactory(author__profile__name="Person A")]
    for letter in "BCDEFG":
        name = f"Person {letter}"
        chain.append(CommentFactory(parent=chain[-1], author__profile__name=name))

    html = discussion(chain[0].pitch)

    assert '<span class="vh">Level 2, Reply to Person A</span>' in html
    assert '<span class="vh">Level 6</span>' in html
    assert (
        f'<a class="reply-to is-deep" href="#comment-{chain[4].pk}">Reply to Person E</a>' in html
    )
    assert html.count('class="reply-to is-deep"') == 2
    assert html.count('<li class="comment level-4"') == 3
    with translation.override("de"):
        assert ">Antwort auf Person E</a>" in discussion(chain[0].pitch)


def test_a_thread_a_hundred_deep_is_shown_whole(discussion):
    chain = [CommentFactory()]
    for _number in range(99):
        chain.append(CommentFactory(parent=chain[-1]))

    html = discussion(chain[0].pitch)

    assert [html.count(f'id="comment-{comment.pk}"') for comment in chain] == [1] * 100
    assert '<span class="vh">Level 100</span>' in html


@pytest.mark.parametrize(
    ("language", "deleted", "hidden"),
    [
        ("en", "This comment was deleted.", "This comment was hidden by the moderators."),
        (
            "de",
            "Dieser Kommentar wurde gelöscht.",
            "Dieser Kommentar wurde von der Moderation ausgeblendet.",
        ),
    ],
)
def test_what_is_gone_leaves_a_note_above_its_replies(discussion, language, deleted, hidden):
    pitch = PitchFactory()
    first, second, third = CommentFactory.create_batch(3, pitch=pitch)
    CommentFactory(parent=first)
    CommentFactory(parent=second)
    leaving.delete(first, now=timezone.now())
    for comment in (second, third):
        moderation.hide(comment, by=pitch.owner, now=timezone.now(), note="Secret reason")

    with translation.override(language):
        html = discussion(pitch)

    assert (html.count(deleted), html.count(hidden)) == (1, 1)
    for gone in (first, second, third):
        assert f"<p>{gone.body}</p>" not in html
        assert gone.author.profile.name not in html
    assert "Secret reason" not in html


def test_a_comment_says_which_of_several_sessions_it_means(discussion):
    first = ProposalFactory(title="Cork")
    comment = CommentFactory(pitch=first.pitch, proposal=first)
    assert "About the session" not in discussion(comment.pitch)
    assert "<select" not in discussion(comment.pitch)

    ProposalFactory(pitch=first.pitch, title="Wine")
    html = discussion(Pitch.objects.select_related("event").get())
    assert f'About the session <a href="#session-{first.code}">Cork</a>' in html
    assert html.count("<option") == 3


def test_the_form_below_a_comment_is_asked_for_in_the_address(discussion):
    comment = CommentFactory(author__profile__name="Aylin Kaya")
    other = CommentFactory()

    html = discussion(comment.pitch, reply_to=comment.pk)

    assert html.count("<form") == 2
    assert "<h3>Reply to Aylin Kaya</h3>" in html
    assert f'<input type="hidden" name="parent" value="{comment.pk}">' in html
    for bad in (other.pk, 0, "x", 10**30, "1" * 9_000, "²"):
        assert discussion(comment.pitch, reply_to=bad).count("<form") == 1


def test_a_guest_is_asked_for_a_name_and_a_member_only_for_the_text(discussion):
    pitch = PitchFactory()

    assert discussion(pitch).count(" required") == 2
    assert 'name="email"' in discussion(pitch)
    member = discussion(pitch, user=UserFactory())
    assert member.count(" required") == 1
    assert 'name="name"' not in member


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"comment_policy": "members"}, "Only people with an account can comment here. Log in"),
        ({"comment_policy": "nobody"}, "This pitch takes no comments now."),
        ({"archived": True}, "The event is over, and its discussions are closed."),
    ],
)
def test_a_closed_discussion_says_why_and_has_no_form(discussion, event, said):
    pitch = PitchFactory(event=EventFactory(**event))
    comment = CommentFactory(pitch=pitch)

    html = discussion(pitch, reply_to=comment.pk)

    assert said in words(html)
    assert "<form" not in html
    assert ">Reply" not in html


def test_own_comments_can_be_edited_for_a_while_and_deleted(discussion):
    new = CommentFactory(created_at=timezone.now())
    CommentFactory(
        pitch=new.pitch, author=new.author, created_at=timezone.now() - dt.timedelta(minutes=15)
    )
    CommentFactory(pitch=new.pitch)

    html = discussion(new.pitch, user=new.author)

    assert (html.count(">Edit</a>"), html.count(">Delete</a>")) == (1, 2)
    assert ">Delete</a>" not in discussion(new.pitch)


@pytest.mark.parametrize(
    ("language", "state", "said"),
    [
        ("en", "awaiting_moderation", "Your comment is waiting for approval."),
        ("de", "awaiting_moderation", "Dein Kommentar wartet auf Freigabe."),
        (
            "en",
            "awaiting_email",
            "Your comment appears once you open the link in the mail that we have sent you.",
        ),
    ],
)
def test_authors_read_what_their_comment_waits_for(discussion, language, state, said):
    held = CommentFactory(state=state)
    CommentFactory(pitch=held.pitch)

    with translation.override(language):
        html = discussion(held.pitch, user=held.author)

    assert said in words(html)
    assert held.body_html in html
    assert f'href="/comments/{held.pk}/reply/"' not in html
    assert f'id="like-{held.pk}"' not in html


def test_what_waits_is_in_no_page_no_count_and_no_order_of_others(discussion):
    pitch = CommentFactory().pitch
    held = CommentFactory(pitch=pitch, state="awaiting_moderation", author__profile__name="Ms Held")

    for viewer in (None, UserFactory()):
        html = discussion(pitch, user=viewer)
        assert "1 comment<" in html
        assert not {str(held.pk), held.body, "Ms Held", "Newest first"} & set(
            re.split(r"[<>-]", html)
        )


def test_moderators_read_that_a_comment_waits_and_find_the_queue(discussion):
    held = CommentFactory(state="awaiting_moderation")
    moderator = MembershipFactory(event=held.pitch.event, role="moderator").user

    html = discussion(held.pitch, user=moderator)

    said = "Only its author and moderators see this comment. waits for approval To the queue"
    assert said in words(html)
    assert f"?event={held.pitch.event_id}&amp;state=awaiting_moderation" in html


def test_authors_can_undo_that_they_deleted_a_comment_and_others_read_of_it_no_more(discussion):
    comment = CommentFactory()
    leaving.delete(comment, now=timezone.now())

    html = discussion(comment.pitch, user=comment.author)

    assert "You have deleted this comment." in html
    assert f'action="/comments/{comment.pk}/undo/"' in html
    assert comment.body not in html
    assert f"comment-{comment.pk}" not in discussion(comment.pitch)


@pytest.mark.parametrize(
    ("language", "kind", "said"),
    [
        ("en", "mention", "Mentions this on example.org"),
        ("en", "reply", "Replies on example.org"),
        ("en", "like", "Likes this on example.org"),
        ("en", "repost", "Shares this on example.org"),
        ("en", "bookmark", "Has bookmarked this on example.org"),
        ("en", "rsvp", "Answers the invitation on example.org"),
    ],
)
def test_a_mention_by_another_site_is_shown_as_what_it_is(discussion, language, kind, said):
    source = "https://example.org/post"
    comment = CommentFactory(author=None, guest_name="Kim", guest_site=source, origin="webmention")
    Mention.objects.create(
        pitch=comment.pitch, comment=comment, kind=kind, source=source, domain="example.org",
        target="https://testserver/", protocol="webmention",
    )  # fmt: skip

    with translation.override(language):
        html = discussion(comment.pitch)

    assert said in words(html)
    assert f'<a href="{source}" rel="nofollow ugc noopener">example.org</a>' in html
    assert '<span class="comment-name">Kim</span>' in html
    assert ">Guest</span>" not in html


def test_a_closed_discussion_takes_nothing_and_a_closed_thread_no_replies(discussion):
    first = CommentFactory()
    second = CommentFactory(pitch=first.pitch)
    reply = CommentFactory(parent=first)

    def replies():
        html = discussion(first.pitch)
        return [f"reply_to={c.pk}#" in html for c in (first, reply, second)], words(html)

    assert replies()[0] == [True, True, True]
    closures.close(first.pitch, by=first.pitch.owner, now=timezone.now(), within=reply)
    possible, said = replies()
    assert possible == [False, False, True]
    assert said.count("The moderators have closed this thread.") == 1
    assert "Write a comment" in said

    closures.close(first.pitch, by=first.pitch.owner, now=timezone.now())
    possible, said = replies()
    assert possible == [False, False, False]
    assert "The moderators have closed this discussion." in said
    assert "Write a comment" not in said


def test_no_form_of_an_answer_opens_in_a_closed_thread(discussion):
    comment = CommentFactory()
    closures.close(comment.pitch, by=comment.pitch.owner, now=timezone.now(), within=comment)

    assert 'name="parent"' not in discussion(comment.pitch, reply_to=comment.pk)


def test_members_can_report_what_others_wrote(discussion):
    comment, aylin = CommentFactory(), UserFactory()
    CommentFactory(pitch=comment.pitch, author=aylin)

    def reports(user=None):
        return re.findall(r'href="/comments/(\d+)/flag/"', discussion(comment.pitch, user=user))

    assert (reports(), reports(aylin)) == ([], [str(comment.pk)])


def test_the_order_can_be_chosen_where_there_is_a_choice(discussion):
    comment = CommentFactory()
    CommentFactory(parent=comment)
    assert "Newest first" not in discussion(comment.pitch)

    CommentFactory(pitch=comment.pitch)
    chosen = re.compile(r'aria-current="true">([^<]+)')
    assert chosen.findall(discussion(comment.pitch)) == ["Oldest first"]
    assert chosen.findall(discussion(comment.pitch, order="newer")) == ["Newest first"]
    assert chosen.findall(discussion(comment.pitch, order="liked")) == ["Most liked first"]
    assert chosen.findall(discussion(comment.pitch, order="worst")) == ["Oldest first"]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "8 more replies"), ("de", "8 weitere Antworten")]
)
def test_a_fold_says_how_many_replies_it_holds(discussion, language, said):
    root = CommentFactory()
    CommentFactory.create_batch(14, parent=root)

    with translation.override(language):
        html = discussion(root.pitch)

    before, inside = html.split(f'<details class="fold"><summary>{said}</summary>')
    assert (before.count('<li class="comment'), inside.count('<li class="comment')) == (7, 8)
    assert html.count("<ol") == html.count("</ol>") == 2
    assert html.count("<li") == html.count("</li>") == 16


def test_an_entry_is_small(discussion):
    pitch = PitchFactory()
    CommentFactory(pitch=pitch)
    one = len(discussion(pitch))
    CommentFactory.create_batch(10, parent=CommentFactory(pitch=pitch))

    assert (len(discussion(pitch)) - one) / 11 < 1_300
