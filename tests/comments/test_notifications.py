"""Who hears of a comment, when, and in which words."""

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from email import policy
from email.parser import BytesParser
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from post_office.models import Email

from comments import following, notifications, posting, upkeep
from comments.models import Comment, Follow, Notice, Pace
from config import worker
from sessions.models import Event, Host, Pitch
from speakers.models import User
from tests.factories import CommentFactory, HostFactory, PitchFactory, UserFactory
from tests.factories.people import AddressFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

SOON = NOW + dt.timedelta(minutes=2)
EVENING = dt.datetime(2026, 10, 1, 16, 0, tzinfo=dt.UTC)  # 18:00 in Bonn


def person(email, **fields):
    return UserFactory(email=email, confirmed=True, **fields)


@pytest.fixture
def pitch():
    return PitchFactory(
        title="Cork",
        event__slug="neo15",
        owner=person("aylin@x.org", profile__name="Aylin Kaya"),
    )


def write(pitch, *, by=None, parent=None, now=NOW, body="Is it *warm*?", **fields):
    """A published comment, and the notices of it."""
    who = {"author": by} if by else {"guest": True}
    comment = CommentFactory(
        pitch=pitch, parent=parent, body=body, created_at=now, **(who | fields)
    )
    notifications.published(comment, now=now)
    return comment


def noted():
    rows = Notice.objects.order_by("user__email", "comment")
    return list(rows.values_list("user__email", "cause"))


def told(now=SOON):
    upkeep.every_round(now)
    return sorted((email.to[0], email.subject) for email in Email.objects.all())


def test_a_comment_that_is_posted_is_noted_for_the_hosts(pitch):
    posting.post(pitch, by=UserFactory(), body="Hello", now=NOW)

    assert noted() == [("aylin@x.org", "host")]
    assert Notice.objects.get().due_at == SOON


def test_all_hosts_hear_of_a_comment_in_their_language(pitch):
    HostFactory(pitch=pitch, person=person("lena@x.org", language="de"))
    HostFactory(pitch=pitch, person=person("asked@x.org"), state=Host.State.INVITED)

    write(pitch)

    assert told() == [
        ("aylin@x.org", "Hanna comments on “Cork”"),
        ("lena@x.org", "Hanna kommentiert „Cork“"),
    ]


def test_nobody_hears_earlier_than_two_minutes_after_publication(pitch):
    write(pitch)

    assert told(SOON - dt.timedelta(microseconds=1)) == []
    assert len(told(SOON)) == 1


def test_nobody_hears_twice(pitch):
    write(pitch)

    assert len(told()) == len(told()) == 1
    assert noted() == []


def test_each_hears_once_by_the_nearest_cause(pitch):
    jo, fay = person("jo@x.org"), person("fay@x.org")
    for user in (jo, fay, pitch.owner):
        following.follow(pitch, by=user)
    HostFactory(pitch=pitch, person=jo)
    parent = CommentFactory(pitch=pitch, author=jo)

    write(pitch, parent=parent)

    assert noted() == [("aylin@x.org", "host"), ("fay@x.org", "follow"), ("jo@x.org", "reply")]
    assert told() == [
        ("aylin@x.org", "Hanna comments on “Cork”"),
        ("fay@x.org", "Hanna comments on “Cork”"),
        ("jo@x.org", "Hanna replies to you on “Cork”"),
    ]


def test_nobody_hears_of_their_own(pitch):
    following.follow(pitch, by=pitch.owner)
    mine = CommentFactory(pitch=pitch, author=pitch.owner)

    write(pitch, by=pitch.owner, parent=mine)

    assert noted() == []


def test_nobody_hears_of_their_own_as_a_guest_with_a_confirmed_address(pitch):
    write(pitch, guest_email="Aylin@x.org", email_confirmed=True)
    assert noted() == []
    write(pitch, guest_email="aylin@x.org")  # anybody could have typed that
    assert noted() == [("aylin@x.org", "host")]


def muted_pitch(user, root):
    following.mute_pitch(root.pitch, by=user)


def muted_thread(user, root):
    following.mute(root, by=user)


def never(user, root):
    following.choose(Pace.Choice.NEVER, by=user, now=NOW)


def closed(user, root):
    user.is_active = False
    user.save()


def unconfirmed(user, root):
    user.emailaddress_set.update(verified=False)


def confirmed_another(user, root):
    user.emailaddress_set.update(email="old@x.org")


UNREACHABLE = [muted_pitch, muted_thread, never, closed, unconfirmed, confirmed_another]


@pytest.mark.parametrize(
    ("makes_unreachable", "cause"),
    [(muted_pitch, "reply"), (muted_thread, "follow"), *((way, "host") for way in UNREACHABLE)],
)
def test_who_wants_nothing_or_cannot_be_reached_is_not_noted(pitch, makes_unreachable, cause):
    fay = person("fay@x.org")
    user = pitch.owner if cause == "host" else fay
    root = CommentFactory(pitch=pitch, author=user if cause == "reply" else None)
    if cause == "follow":
        following.follow(pitch, by=fay)
    Host.objects.exclude(person=user).delete()
    makes_unreachable(user, root)

    write(pitch, parent=root)

    assert noted() == []


@pytest.mark.parametrize("makes_unreachable", UNREACHABLE)
def test_who_does_not_want_it_any_more_hears_nothing(pitch, makes_unreachable):
    makes_unreachable(pitch.owner, write(pitch))

    assert told() == []
    assert noted() == []


def test_a_thread_that_is_muted_leaves_the_others(pitch):
    following.mute(CommentFactory(pitch=pitch), by=pitch.owner)

    write(pitch)

    assert noted() == [("aylin@x.org", "host")]


def test_whoever_is_no_longer_concerned_hears_nothing(pitch):
    jo, fay = person("jo@x.org"), person("fay@x.org")
    following.follow(pitch, by=fay)
    parent = CommentFactory(pitch=pitch, author=jo)
    write(pitch, parent=parent)
    following.unfollow(pitch, by=fay)
    Host.objects.all().delete()
    Comment.objects.filter(pk=parent.pk).update(author=None, guest_name="Jo")

    assert told() == []


@pytest.mark.parametrize(
    "goes",
    [
        lambda c: c.delete(),
        lambda c: Comment.objects.filter(pk=c.pk).update(state=Comment.State.SPAM),
        lambda c: Comment.objects.filter(pk=c.pk).update(state=Comment.State.REMOVED),
        lambda c: Pitch.objects.update(state=Pitch.State.HIDDEN),
        lambda c: Pitch.objects.update(state=Pitch.State.WITHDRAWN),
        lambda c: Event.objects.update(state=Event.State.DRAFT),
    ],
)
def test_nobody_hears_of_what_does_not_stand_any_more(pitch, goes):
    goes(write(pitch))

    assert told() == []
    assert noted() == []


@pytest.mark.parametrize("state", [Comment.State.AWAITING_MODERATION, Comment.State.LEAVING])
def test_what_may_come_back_is_told_when_it_does(pitch, state):
    comment = write(pitch)
    away = Comment.objects.filter(pk=comment.pk)
    left_at = NOW if state == Comment.State.LEAVING else None
    away.update(state=state, left_at=left_at)

    assert told() == []
    away.update(state=Comment.State.PUBLISHED, left_at=None)
    assert told(SOON + dt.timedelta(minutes=9)) == []
    assert len(told(SOON + dt.timedelta(minutes=10))) == 1


def test_a_comment_on_a_pitch_that_does_not_hang_is_not_noted(pitch):
    pitch.state = Pitch.State.HIDDEN
    pitch.save()

    write(pitch)

    assert noted() == []


def test_nobody_hears_of_a_comment_that_was_rolled_back(pitch):
    with transaction.atomic():
        posting.post(pitch, by=UserFactory(), body="Hello", now=NOW)
        transaction.set_rollback(True)

    assert noted() == []


def test_a_daily_mail_holds_everything_of_an_event(pitch):
    following.choose(Pace.Choice.DAILY, by=pitch.owner, now=NOW)
    bread = PitchFactory(title="Bread", event=pitch.event, owner=pitch.owner)
    elsewhere = PitchFactory(title="Stairs", event__name="Common Ground", owner=pitch.owner)
    first = write(pitch, body="First")
    write(bread, body="Second", now=NOW + dt.timedelta(hours=1))
    write(pitch, body="Third", now=NOW + dt.timedelta(hours=2))
    write(elsewhere, body="Fourth")

    assert told(EVENING - dt.timedelta(seconds=1)) == []
    assert told(EVENING) == [
        ("aylin@x.org", "1 new comment at Common Ground"),
        ("aylin@x.org", "3 new comments at Next Economy Open"),
    ]
    message = Email.objects.get(subject__startswith="3").message
    assert message.startswith(
        "Hello Aylin Kaya,\n\nthis was written since the last mail:\n\nCork\n\n* Hanna: First\n"
        f"  http://testserver{first.get_absolute_url()}\n\n* Hanna: Third\n"
    )
    assert "\n\nBread\n\n* Hanna: Second\n" in message
    assert "\n\n\n" not in message


def test_a_daily_mail_says_nothing_of_what_is_gone(pitch):
    following.choose(Pace.Choice.DAILY, by=pitch.owner, now=NOW)
    write(pitch, body="First").delete()
    write(pitch, body="Second")

    assert told(EVENING) == [("aylin@x.org", "1 new comment at Next Economy Open")]
    assert "First" not in Email.objects.get().message


@pytest.mark.parametrize(
    ("zone", "published", "due"),
    [
        ("Europe/Berlin", "2026-10-01T12:00", "2026-10-01T16:00"),
        ("Europe/Berlin", "2026-10-01T15:57:59", "2026-10-01T16:00"),
        ("Europe/Berlin", "2026-10-01T15:58", "2026-10-02T16:00"),
        ("Europe/Berlin", "2026-10-01T16:00", "2026-10-02T16:00"),
        ("Europe/Berlin", "2026-10-24T17:00", "2026-10-25T17:00"),  # an hour more that night
        ("Europe/Berlin", "2026-03-28T18:00", "2026-03-29T16:00"),  # an hour less
        ("Pacific/Auckland", "2026-10-01T12:00", "2026-10-02T05:00"),  # it is the 2nd there
        ("America/Los_Angeles", "2026-10-02T00:30", "2026-10-02T01:00"),  # it is the 1st there
    ],
)
def test_a_daily_mail_goes_out_at_six_where_the_event_is(zone, published, due):
    event = Event(time_zone=zone)
    at = dt.datetime.fromisoformat(published).replace(tzinfo=dt.UTC)

    found = following.due(Pace.Choice.DAILY, event, at)

    assert found == dt.datetime.fromisoformat(due).replace(tzinfo=dt.UTC)


def test_a_new_pace_holds_for_what_is_waiting(pitch):
    write(pitch)
    following.choose(Pace.Choice.DAILY, by=pitch.owner, now=NOW)
    assert told(SOON) == []

    following.choose(Pace.Choice.AT_ONCE, by=pitch.owner, now=NOW)
    assert told(SOON) == [("aylin@x.org", "Hanna comments on “Cork”")]


def test_the_mail_shows_the_text_and_leads_to_the_comment(pitch):
    pitch.title = "Cork & <Co>"
    pitch.save()
    comment = write(pitch, body="Is it <b> & *warm*?")

    told()

    message = Email.objects.get().message
    assert message.startswith(
        "Hello Aylin Kaya,\n\nHanna has written below your pitch “Cork & <Co>”"
    )
    assert "\n\nIs it <b> & warm?\n\n" in message
    assert f"http://testserver{comment.get_absolute_url()}\n" in message
    assert comment.guest_email not in message


@pytest.mark.parametrize("typed", ["{% load x %}", "{{ person.password }}", "{# #}{% x"])
def test_what_people_type_is_no_template(pitch, typed):
    write(pitch, body=f"`{typed}`", guest_name=typed)

    told()

    assert typed in Email.objects.get().subject
    assert f"\n\n{typed}\n\n" in Email.objects.get().message


def test_a_follower_reads_why_the_mail_came(pitch):
    following.follow(pitch, by=person("fay@x.org"))
    write(pitch)

    told()

    message = Email.objects.get(to="fay@x.org").message
    assert "Hanna has written below “Cork”, which you follow:\n" in message


def test_a_mention_on_another_site_is_told_as_one(pitch):
    write(pitch, guest_name="Kaltmamsell", origin=Comment.Origin.WEBMENTION, body="")

    assert told() == [("aylin@x.org", "Kaltmamsell mentions “Cork” elsewhere")]
    message = Email.objects.get().message
    assert "Kaltmamsell mentions the pitch “Cork” on another site:\n\nSee the" in message


def test_an_account_from_the_command_line_hears_once_its_address_is_confirmed(pitch):
    Host.objects.all().delete()
    admin = UserFactory(email="Root@X.org", profile=None)
    HostFactory(pitch=pitch, person=admin)
    write(pitch)
    assert noted() == []

    AddressFactory(user=admin)
    write(pitch)
    assert told() == [("root@x.org", "Hanna comments on “Cork”")]


@pytest.mark.parametrize("count", [1, 3, 50])
def test_publishing_asks_as_often_for_fifty_followers_as_for_one(
    pitch, count, django_assert_num_queries
):
    users = User.objects.bulk_create(User(email=f"{number}@x.org") for number in range(count))
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True) for user in users
    )
    Follow.objects.bulk_create(Follow(pitch=pitch, user=user) for user in users)
    comment = CommentFactory(pitch=pitch)

    with django_assert_num_queries(5):
        notifications.published(comment, now=NOW)

    assert len(noted()) == count + 1


def test_a_round_without_mail_asks_once(pitch, django_assert_num_queries):
    write(pitch)
    with django_assert_num_queries(1):
        notifications.send_due(NOW)


@pytest.mark.parametrize("count", [1, 3, 50])
def test_a_daily_mail_asks_as_often_for_fifty_comments_as_for_one(
    pitch, count, django_assert_num_queries
):
    following.choose(Pace.Choice.DAILY, by=pitch.owner, now=NOW)
    comments = [CommentFactory(pitch=pitch, guest=True) for _ in range(count)]
    Notice.objects.bulk_create(
        Notice(comment=c, user=pitch.owner, cause="host", due_at=SOON) for c in comments
    )

    with django_assert_num_queries(11):
        notifications.send_due(SOON)

    assert Email.objects.get().subject.startswith(f"{count} new comment")


def test_the_worker_delivers_a_mail_as_a_file(pitch, settings):
    """Through the real queue: umlauts in headers and text, and how to unsubscribe."""
    pitch.title = "Größe – für „Äpfel“ 🙂"
    pitch.save()
    pitch.owner.language = "de"
    pitch.owner.save()
    write(pitch, body="Straße und Übermut", guest_name="Jörg Öztürk")

    upkeep.every_round(SOON)
    worker.deliver()

    (path,) = settings.EMAIL_FILE_PATH.iterdir()
    raw = path.read_bytes().split(b"\n-----")[0]
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    assert mail["Subject"].strip() == "Jörg Öztürk kommentiert „Größe – für „Äpfel“ 🙂“"
    assert raw.partition(b"\n\n")[0].isascii()
    assert mail["Content-Transfer-Encoding"] == "8bit"
    assert "\nStraße und Übermut\n" in mail.get_content()
    assert mail["To"] == "aylin@x.org"
    assert mail["Message-ID"]
    url = mail["List-Unsubscribe"].strip().removeprefix("<").removesuffix(">")
    assert url.startswith("http://testserver/comments/unsubscribe/pitch-")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"\nKeine solchen Mails mehr: {url}\n" in mail.get_content()


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_mail_each_notice_once():
    daily, at_once = person("daily@x.org"), [person(f"{n}@x.org") for n in range(4)]
    Pace.objects.create(user=daily, choice=Pace.Choice.DAILY)
    pitch = PitchFactory()
    for user in (daily, *at_once):
        following.follow(pitch, by=user)
    for _ in range(3):
        comment = CommentFactory(pitch=pitch)
        Notice.objects.bulk_create(
            Notice(comment=comment, user=user, cause="follow", due_at=NOW)
            for user in (daily, *at_once)
        )
    barrier = Barrier(4)

    def work(_worker):
        try:
            barrier.wait(10)
            notifications.send_due(NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    mailed = Counter(email.to[0] for email in Email.objects.all())
    assert mailed == {"daily@x.org": 1} | {user.email: 3 for user in at_once}
    assert not Notice.objects.exists()
