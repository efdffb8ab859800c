"""Guests see, take along and erase what they wrote, by proof of their address."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from post_office.models import Email

from comments import notifications, posting, proofs, upkeep
from comments.models import Ban, Comment, Proof
from comments.writers import Guest
from tests.config import dump
from tests.factories import CommentFactory, EventFactory, PitchFactory, UserFactory

pytestmark = pytest.mark.django_db

ASK = "/privacy/data/"
PLANTED = {
    "name": "Gastwirbel Floh",
    "address": "gastwirbel@quasten.example",
    "site": "https://gastwirbel.example/heim",
    "held text": "Spam von Gastwirbel",
}
TEXT = "Bürsten hilft gegen Verfilzung"


@pytest.fixture
def pitch():
    return PitchFactory(owner__email="host@example.org")


@pytest.fixture
def comment(pitch):
    now = timezone.now()
    guest = Guest(name=PLANTED["name"], email=PLANTED["address"].title(), site=PLANTED["site"])
    comment = posting.post(pitch, guest=guest, body=TEXT, now=now).comment
    Comment.objects.filter(pk=comment.pk).update(state="published", published_at=now)
    comment = Comment.objects.select_related("pitch__event").get(pk=comment.pk)
    notifications.published(comment, now=now)
    notifications.send_due(now + dt.timedelta(days=2))
    CommentFactory(
        guest=True,
        guest_name=PLANTED["name"],
        guest_email=PLANTED["address"],
        body=PLANTED["held text"],
        state="awaiting_moderation",
    )
    return comment


@pytest.fixture
def link(client, comment):
    """The address in the mail to the guest."""
    client.post(ASK, {"email": PLANTED["address"]})
    mail = Email.objects.get(to=PLANTED["address"])
    return re.search(r"http://testserver(\S+)", mail.email_message().body)[1]


def mails_to(email):
    return [mail.email_message().body for mail in Email.objects.filter(to=email)]


def test_the_answer_is_the_same_whether_or_not_something_is_known(client, comment):
    answers = []
    for email in (PLANTED["address"], "nobody@example.org"):
        response = client.post(ASK, {"email": email}, follow=True)
        answers.append((response.redirect_chain, response.content))
    assert answers[0] == answers[1]
    assert mails_to("nobody@example.org") == []
    assert [proof.email for proof in Proof.objects.all()] == [PLANTED["address"]]


def test_the_table_does_not_hold_the_link(link):
    assert link.split("/")[-2] not in str(Proof.objects.values_list())


def test_whoever_has_an_account_is_told_to_log_in(client):
    UserFactory(email="member@example.org")
    client.post(ASK, {"email": "Member@example.org"})
    (body,) = mails_to("member@example.org")
    assert "http://testserver/account/data/" in body
    assert "/privacy/data/" not in body


def test_asking_shows_errors_again_with_what_was_typed(client):
    response = client.post(ASK, {"email": "not an address"})
    assert (response.status_code, Email.objects.count()) == (200, 0)
    assert 'value="not an address"' in response.content.decode()


def test_asking_too_often_is_refused(client):
    for _time in range(proofs.PER_ADDRESS):
        assert client.post(ASK, {"email": "a@example.org"}).status_code == 302
    response = client.post(ASK, {"email": "A@example.org"})
    assert response.status_code == 429
    assert int(response["Retry-After"]) <= 3600
    assert 'value="A@example.org"' in response.content.decode()


def test_no_page_leaves_a_cookie(client, link):
    assert client.get(ASK).cookies == {}
    assert client.get(link).cookies == {}


def test_the_link_shows_everything_and_a_ban(client, link):
    Ban.objects.create(event=EventFactory(name="Quiet Camp"), email=PLANTED["address"])
    response = client.get(link)
    html = response.content.decode()
    shown = (PLANTED["name"], PLANTED["site"], PLANTED["held text"], TEXT, "Quiet Camp")
    assert [value for value in shown if value not in html] == []
    assert PLANTED["address"] in html.lower()
    assert "no-store" in response["Cache-Control"]


def test_the_download_holds_the_same(client, link):
    response = client.get(f"{link}data.json")
    assert response["Content-Disposition"].startswith('attachment; filename="')
    assert [row["body"] for row in response.json()["comments"]] == [TEXT, PLANTED["held text"]]


@pytest.mark.parametrize(("wish", "texts"), [("take", []), ("keep", [TEXT])])
def test_erasing_leaves_nothing_that_leads_to_the_guest(client, link, comment, wish, texts):
    other = CommentFactory(guest=True, guest_email="x" + PLANTED["address"])
    response = client.post(link, {"comments": wish})
    assert response.status_code == 200
    assert dump.found(PLANTED) == {"address"}  # the other guest's has it as its end
    Comment.objects.filter(pk=other.pk).update(guest_email="")
    stored = dump.everything().replace("x" + PLANTED["address"], "")
    assert PLANTED["address"] not in stored.lower()
    bodies = Comment.objects.exclude(pk=other.pk).values_list("body", flat=True)
    assert list(bodies) == texts


def test_erasing_ends_the_link(client, link):
    client.post(link, {"comments": "take"})
    assert Proof.objects.count() == 0
    assert [client.get(link).status_code, client.post(link).status_code] == [404, 404]


def test_erasing_without_a_choice_says_so_and_erases_nothing(client, link, comment):
    response = client.post(link, {"comments": "sell"}, headers={"Accept-Language": "en"})
    assert "Please choose what becomes of your comments." in response.content.decode()
    assert Comment.objects.filter(guest_name=PLANTED["name"]).count() == 2


def test_a_ban_of_the_address_stays(client, link):
    ban = Ban.objects.create(event=EventFactory(), email=PLANTED["address"])
    client.post(link, {"comments": "take"})
    assert Ban.objects.get() == ban


@pytest.mark.parametrize("suffix", ["", "data.json"])
def test_an_unknown_link_is_not_found(client, link, suffix):
    assert client.get(f"/privacy/data/{'x' * 43}/{suffix}").status_code == 404


def test_a_link_expires_and_is_forgotten(client, link):
    later = timezone.now() + proofs.VALID_FOR
    Proof.objects.update(expires_at=timezone.now())
    assert client.get(link).status_code == 404
    upkeep.every_day(later)
    assert Proof.objects.count() == 0
