import pytest
from django.db import transaction
from post_office.models import Email

from comments import posting
from comments.posting import Guest
from sessions.models import Host
from tests.factories import CommentFactory, HostFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

HANNA = Guest(name="Hanna", email="hanna@example.org")


def told():
    return sorted((email.to[0], email.subject) for email in Email.objects.all())


def test_all_hosts_hear_of_a_comment_in_their_language():
    pitch = PitchFactory(title="Cork", owner=UserFactory(email="aylin@x.org", language="de"))
    HostFactory(pitch=pitch, person=UserFactory(email="lena@x.org"))
    HostFactory(pitch=pitch, person=UserFactory(email="asked@x.org"), state=Host.State.INVITED)

    posting.post(pitch, guest=HANNA, body="Is it *warm*?", now=NOW)

    assert told() == [
        ("aylin@x.org", "Hanna kommentiert „Cork“"),
        ("lena@x.org", "Hanna comments on “Cork”"),
    ]


def test_the_mail_shows_the_text_and_leads_to_the_comment():
    pitch = PitchFactory(title="Cork & <Co>", owner__profile__name="Aylin Kaya")

    comment = posting.post(pitch, guest=HANNA, body="Is it <b> & *warm*?", now=NOW).comment

    message = Email.objects.get().message
    assert message.startswith(
        "Hello Aylin Kaya,\n\nHanna has written below your pitch “Cork & <Co>”"
    )
    assert "\n\nIs it <b> & warm?\n\n" in message
    assert f"http://testserver{pitch.get_absolute_url()}#comment-{comment.pk}\n" in message
    assert HANNA.email not in message


def test_a_host_hears_nothing_of_their_own_comment():
    pitch = PitchFactory()

    posting.post(pitch, by=pitch.owner, body="Come all", now=NOW)

    assert told() == []


def test_a_member_hears_of_a_reply_and_a_host_only_once():
    pitch = PitchFactory(title="Cork", owner=UserFactory(email="aylin@x.org"))
    jo = UserFactory(email="jo@x.org")
    mine = CommentFactory(pitch=pitch, author=jo)
    hosts = CommentFactory(pitch=pitch, author=pitch.owner)

    posting.post(pitch, guest=HANNA, body="Yes", parent=mine, now=NOW)
    assert told() == [
        ("aylin@x.org", "Hanna comments on “Cork”"),
        ("jo@x.org", "Hanna replies to you on “Cork”"),
    ]

    Email.objects.all().delete()
    posting.post(pitch, by=jo, body="No", parent=hosts, now=NOW)
    posting.post(pitch, by=jo, body="Perhaps", parent=mine, now=NOW)
    assert [subject.split(" ", 2)[2] for _to, subject in told()] == [
        "comments on “Cork”",
        "replies to you on “Cork”",
    ]


def test_an_inactive_account_hears_nothing():
    pitch = PitchFactory(owner=UserFactory(is_active=False))

    posting.post(pitch, guest=HANNA, body="Hello", now=NOW)

    assert told() == []


def test_a_duplicate_tells_nobody_again():
    pitch = PitchFactory()

    for _again in range(2):
        posting.post(pitch, guest=HANNA, body="Hello", now=NOW)

    assert len(told()) == 1


def test_nobody_hears_of_a_comment_that_was_rolled_back():
    pitch = PitchFactory()

    with transaction.atomic():
        posting.post(pitch, guest=HANNA, body="Hello", now=NOW)
        transaction.set_rollback(True)

    assert told() == []
