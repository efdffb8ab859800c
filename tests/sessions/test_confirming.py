"""“Will you be there?”: asked by mail, answered by one click without a log-in, reminded once."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from sessions import confirming, decisions, upkeep
from sessions.models import ConfirmationRequest, LogEntry, OutboxEntry
from tests.at_once import at_once
from tests.factories import EventFactory, MembershipFactory, ProposalFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    day = timezone.localdate() + dt.timedelta(days=30)
    return EventFactory(asks_confirmation=True, starts_on=day, ends_on=day)


@pytest.fixture
def organiser(event):
    return MembershipFactory(event=event).user


@pytest.fixture
def proposal(event):
    owner = UserFactory(confirmed=True, profile__name="Aylin")
    return ProposalFactory(pitch__event=event, pitch__owner=owner, pitch__title="Commons")


@pytest.fixture
def accepted(proposal, organiser):
    return decisions.accept(proposal, by=organiser)


@pytest.fixture
def page(accepted):
    return reverse("program:confirm", args=[confirming.token(accepted, accepted.pitch.owner)])


def state(proposal):
    proposal.refresh_from_db()
    return proposal.state


def test_whoever_is_accepted_is_asked_where_the_event_wants_it(accepted, page):
    mail = Email.objects.get()

    assert mail.subject == "Accepted, please confirm: Commons"
    assert f"http://testserver{page}" in mail.message
    assert "Aylin" not in page
    assert "@" not in page


def test_nobody_is_asked_elsewhere(event, proposal, organiser):
    event.asks_confirmation = False
    event.save()

    decisions.accept(proposal, by=organiser)

    assert Email.objects.get().subject == "Accepted: Commons"
    assert not ConfirmationRequest.objects.exists()


def test_a_get_shows_the_session_and_changes_nothing(client, accepted, page):
    response = client.get(page)

    assert response.status_code == 200
    assert "Commons" in response.text
    assert "I will be there" in response.text
    assert (state(accepted), dict(client.cookies)) == ("accepted", {})


def test_one_click_confirms_and_a_second_one_changes_nothing(client, accepted, page):
    for _time in range(2):
        response = client.post(page, {"answer": "confirm"}, follow=True)
        assert "Thanks, you will be there" in response.text

    assert state(accepted) == "confirmed"
    assert LogEntry.objects.filter(actor=accepted.pitch.owner).count() == 1


def button(page):
    return f'<form class="facts-line" method="post" action="{page}">'


@pytest.mark.parametrize("where", ["pitch", "me"])
def test_a_host_answers_on_their_own_pages_too(client, event, accepted, page, where):
    own = accepted.pitch.get_absolute_url() if where == "pitch" else f"/{event.slug}/me/"
    assert "Will you be there?" not in client.get(own).text
    client.force_login(UserFactory())
    assert "Will you be there?" not in client.get(own).text
    client.force_login(accepted.pitch.owner)
    assert button(page) in client.get(own).text

    client.post(page, {"answer": "confirm"})

    assert state(accepted) == "confirmed"
    assert button(page) not in client.get(own).text


def test_cancelling_asks_once_more(client, accepted, page):
    asked = client.get(f"{page}?cannot")

    assert "Withdraw “Commons”?" in asked.text
    assert state(accepted) == "accepted"
    for _time in range(2):
        response = client.post(page, {"answer": "cancel"}, follow=True)
        assert "Your session is withdrawn" in response.text
    assert state(accepted) == "withdrawn"
    assert client.post(page, {"answer": "confirm"}).status_code == 200
    assert state(accepted) == "withdrawn"


def test_who_confirmed_can_cancel_later(client, accepted, page):
    client.post(page, {"answer": "confirm"})
    client.post(page, {"answer": "cancel"})

    assert state(accepted) == "withdrawn"


@pytest.mark.parametrize("data", [{}, {"answer": "nonsense"}, {"answer": "\x00"}])
def test_an_answer_that_is_none_changes_nothing(client, accepted, page, data):
    assert client.post(page, data).status_code == 200
    assert state(accepted) == "accepted"


def test_what_was_cancelled_meanwhile_cannot_be_confirmed(client, accepted, page, organiser):
    decisions.cancel(accepted, by=organiser)

    response = client.post(page, {"answer": "confirm"})

    assert response.status_code == 410
    assert "This link does nothing any more" in response.text
    assert state(accepted) == "cancelled"


def no_host(proposal):
    proposal.pitch.hosts.all().delete()


def inactive(proposal):
    proposal.pitch.owner.is_active = False
    proposal.pitch.owner.save()


def hidden(proposal):
    proposal.pitch.state = "hidden"
    proposal.pitch.save()


def draft(proposal):
    proposal.pitch.event.state = "draft"
    proposal.pitch.event.save()


@pytest.mark.parametrize("change", [no_host, inactive, hidden, draft])
@pytest.mark.parametrize("verb", ["get", "post"])
def test_the_link_of_whoever_leads_nothing_any_more_is_none(client, accepted, page, change, verb):
    change(accepted)

    assert getattr(client, verb)(page, {"answer": "confirm"}).status_code == 404
    assert state(accepted) == "accepted"


def test_a_forged_link_is_none(client, accepted, page):
    other = UserFactory()
    token = page.split("/")[-2]
    forged = [f"{accepted.pk}-{other.pk}.{token.split('.')[1]}", token[:-1], "x", "1-1", "\x00"]
    forged.append(confirming.token(accepted, other))  # ours, and of no host

    for each in forged:
        assert client.get(f"/s/confirm/{each}/").status_code == 404


def test_other_methods_are_refused(client, page):
    assert client.delete(page).status_code == 405
    assert client.head(page).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_confirm_once(accepted, organiser):
    owner = accepted.pitch.owner
    at_once(*[lambda: decisions.confirm(accepted, by=owner)] * 2)

    assert state(accepted) == "confirmed"
    assert LogEntry.objects.filter(actor=owner).count() == 1


# The reminder.


def reminders():
    return OutboxEntry.objects.filter(kind="reminder").count()


def after(days):
    return timezone.now() + dt.timedelta(days=days, minutes=1)


def test_whoever_has_not_answered_is_reminded_once(accepted, page):
    upkeep.every_round(after(2))
    assert reminders() == 0
    for days in (3, 3, 4, 10):
        upkeep.every_round(after(days))

    assert reminders() == 1
    mail = Email.objects.order_by("pk").last()
    assert mail.subject == "Please confirm: Commons"
    assert page in mail.message
    assert ConfirmationRequest.objects.get().reminded_at is not None


def confirmed(proposal):
    decisions.confirm(proposal, by=proposal.pitch.owner)


def no_longer_asking(proposal):
    proposal.pitch.event.asks_confirmation = False
    proposal.pitch.event.save()


def over(proposal):
    event = proposal.pitch.event
    event.starts_on = event.ends_on = timezone.localdate() - dt.timedelta(days=1)
    event.save()


@pytest.mark.parametrize("change", [confirmed, no_longer_asking, over, hidden])
def test_nobody_else_is_asked_or_reminded(client, accepted, page, change):
    change(accepted)
    client.force_login(accepted.pitch.owner)

    assert button(page) not in client.get(accepted.pitch.get_absolute_url()).text

    upkeep.every_round(after(3))

    assert reminders() == 0
    assert ConfirmationRequest.objects.get().reminded_at is None


@pytest.mark.parametrize(("days", "sent"), [(None, 0), (1, 1)])
def test_the_event_says_when_to_remind(event, proposal, organiser, days, sent):
    event.confirm_reminder_days = days
    event.save()
    decisions.accept(proposal, by=organiser)

    upkeep.every_round(after(1))

    assert reminders() == sent


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once(accepted):
    at_once(*[lambda: upkeep.every_round(after(3))] * 2)

    assert reminders() == 1
