"""A guest's first comment and the link in the mail."""

import datetime as dt
import re
import uuid

import pytest
from django.conf import settings
from django.utils import timezone, translation
from post_office.models import Email

from comments import confirmations, posting, rates, upkeep
from comments.models import Ban, Comment, Rules
from comments.writers import Guest
from config.lib.http import VISITOR_COOKIE
from tests.factories import CommentFactory, PitchFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
HANNA = Guest(name="Hanna", email="hanna@example.org")


@pytest.fixture
def pitch():
    pitch = PitchFactory(title="Money")
    Rules.objects.create(event=pitch.event, first_comment="email", words="casino")
    return pitch


def write(pitch, body="Planted words", now=NOW, guest=HANNA):
    return posting.post(pitch, guest=guest, body=body, now=now).comment


def mailed_path():
    url = re.search(r"http\S+", Email.objects.latest("pk").message)[0]
    return url.removeprefix(settings.SITE_URL)


def test_the_mail_holds_a_link_that_holds_neither_address_nor_text(pitch):
    comment = write(pitch)

    mail = Email.objects.get()
    assert (comment.state, comment.held_because) == ("awaiting_email", "first_post")
    assert (mail.to, mail.subject) == ([HANNA.email], "Publish your comment on “Money”")
    assert re.fullmatch(rf"/comments/confirm/{comment.pk}\.[\w-]{{43}}/", mailed_path())
    assert "Planted" not in mail.message


def test_get_shows_a_button_and_only_post_publishes(client, pitch):
    comment = write(pitch, now=timezone.now())
    path = mailed_path()

    page = client.get(path)
    html = page.content.decode()
    assert "Planted words" in html
    assert HANNA.email not in html
    assert f'method="post" action="{path}"' in html
    comment.refresh_from_db()
    assert comment.state == Comment.State.AWAITING_EMAIL

    response = client.post(path)
    assert (response.status_code, response.url) == (303, path)
    comment.refresh_from_db()
    assert (comment.state, comment.email_confirmed) == ("published", True)
    assert "Your comment is published" in client.get(path).content.decode()
    assert VISITOR_COOKIE not in client.cookies


def test_the_link_works_once(client, pitch):
    comment = write(pitch, now=timezone.now())
    client.post(mailed_path())
    Comment.objects.update(state="removed")

    for ask in (client.post, client.get):
        answer = ask(mailed_path())
        assert answer.status_code == 410
        assert "This link has been used" in answer.content.decode()
    comment.refresh_from_db()
    assert comment.state == Comment.State.REMOVED
    with pytest.raises(confirmations.Used):
        confirmations.confirm(comment, now=timezone.now())


def test_the_link_expires_after_two_days_and_the_comment_goes_with_its_history(client, pitch):
    comment = write(pitch, now=timezone.now() - 2 * DAY)

    assert client.get(mailed_path()).status_code == 410
    assert client.post(mailed_path()).status_code == 410
    upkeep.every_day(comment.created_at + 2 * DAY - dt.timedelta(seconds=1))
    assert pitch.comments.exists()
    upkeep.every_day(comment.created_at + 2 * DAY)
    assert not pitch.comments.exists()
    assert not Comment.pgh_event_model.objects.filter(pgh_obj_id=comment.pk).exists()
    assert client.get(mailed_path()).status_code == 404


@pytest.mark.parametrize("reason", ["words", "edited", "ban"])
def test_what_is_held_for_more_goes_on_to_the_moderators(client, pitch, reason):
    comment = write(pitch, "A casino" if reason == "words" else "Hello", timezone.now())
    if reason == "edited":
        posting.edit(comment, body="A casino", now=timezone.now())
    if reason == "ban":
        Ban.objects.create(event=pitch.event, email=HANNA.email)

    client.post(mailed_path())

    comment.refresh_from_db()
    assert comment.state == Comment.State.AWAITING_MODERATION
    assert "waiting for approval" in client.get(mailed_path()).content.decode()


def test_whose_address_is_confirmed_or_browser_known_gets_no_second_mail(pitch):
    first = write(pitch)
    assert write(pitch, "Second").state == Comment.State.AWAITING_EMAIL
    confirmations.confirm(first, now=NOW)

    assert write(pitch, "Third").is_published
    browser = Guest(name="Hanna", email="other@example.org", visitor=first.visitor)
    assert write(pitch, "Fourth", guest=browser).is_published
    assert Email.objects.filter(to=[HANNA.email], subject__startswith="Publish").count() == 2


def test_an_address_gets_five_mails_an_hour_at_most(pitch):
    for number in range(5):
        write(pitch, f"Comment {number}")

    with pytest.raises(rates.TooMany) as error:
        write(pitch, "Sixth")
    assert error.value.seconds == 3600
    assert pitch.comments.count() == 5


def test_the_mail_speaks_the_language_of_the_page(pitch):
    with translation.override("de"):
        write(pitch)

    assert "Hallo Hanna" in Email.objects.get().message


def test_without_an_address_moderators_decide(pitch):
    comment = write(pitch, guest=Guest(name="Hanna"))

    assert (comment.state, comment.held_because) == ("awaiting_moderation", "first_post")


@pytest.mark.parametrize("hidden", [{"hidden": True}, {"event__draft": True}])
def test_below_what_cannot_be_seen_there_is_nothing_to_confirm(client, hidden):
    comment = CommentFactory(
        guest=True, visitor=uuid.uuid4(), state="awaiting_email", pitch=PitchFactory(**hidden)
    )

    assert client.get(f"/comments/confirm/{confirmations.token(comment)}/").status_code == 404
