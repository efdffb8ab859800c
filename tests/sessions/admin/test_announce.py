"""The page of the announcement, the outbox and the mail templates in the desk."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from post_office.models import STATUS, Email

from sessions import announcing, confirming, decisions, outbox
from sessions.mail_templates import Text
from sessions.models import Announcement, MailTemplate, OutboxEntry, Proposal
from tests.factories import EventFactory, HostFactory, ProposalFactory, UserFactory

STRANGER_AND_MODERATOR = [("stranger", 404), ("moderator", 403)]


def url(event, page="announce", *args):
    return reverse(f"admin:program_event_{page}", args=[event.pk, *args])


@pytest.fixture
def prepare(event, organiser):
    def prepare(state="accepted", title="Commons"):
        owner = UserFactory(confirmed=True, profile__name=f"Host of {title}")
        proposal = ProposalFactory(pitch__event=event, pitch__owner=owner, pitch__title=title)
        return decisions.prepare(proposal, state, by=organiser)

    return prepare


def typed(response, **changes):
    """What a browser sends of the page as it is shown."""
    sheet = response.context["sheet"]
    data = {"when": "now", "at": "", "seen": []}
    for each, letters in sheet.entries:
        data["seen"].append(f"{each.proposal.code}.{each.seen}")
        for _letter, form in letters:
            if form is not None:
                data |= {form[name].html_name: form[name].value() for name in ("subject", "body")}
    return data | changes


def key(proposal, name):
    return f"{proposal.code}-{proposal.pitch.owner_id}-{name}"


def said(response):
    return [str(message) for message in response.context["messages"]]


def states():
    return dict(Proposal.objects.order_by("pk").values_list("pitch__title", "state"))


def test_every_mail_is_shown_as_it_will_be_sent_and_what_becomes_public(desk, event, prepare):
    proposal = prepare()
    bare = ProposalFactory(pitch__event=event, pitch__title="Bare")
    decisions.prepare(bare, "declined", by=proposal.pitch.owner)

    response = desk.get(url(event))

    assert 'value="Accepted: Commons"' in response.text
    assert "Hello Host of Commons," in response.text
    assert proposal.pitch.owner.email in response.text
    assert [letter.person for _each, letter in response.context["sheet"].untold] == [
        bare.pitch.owner
    ]
    assert response.text.count(f"{bare.pitch.owner.profile.name} gets no mail") == 2
    assert "2 decisions to announce, 1 mail" in " ".join(response.text.split())
    assert states() == {"Commons": "open", "Bare": "open"}
    assert not Email.objects.exists()


def test_the_button_announces_what_was_edited(desk, event, prepare):
    proposal = prepare()
    data = typed(desk.get(url(event)), **{key(proposal, "subject"): "You are in"})

    response = desk.post(url(event), data, follow=True)

    assert said(response) == ["1 decision is announced, with 1 mail."]
    assert Email.objects.get().subject == "You are in"
    assert states() == {"Commons": "accepted"}


def test_who_is_left_out_gets_no_mail(desk, event, prepare):
    proposal = prepare()
    left_out = {key(proposal, "leave_out"): "on", key(proposal, "subject"): ""}

    desk.post(url(event), typed(desk.get(url(event)), **left_out))

    assert states() == {"Commons": "accepted"}
    assert not Email.objects.exists()


def test_none_announces_without_mails(desk, event, prepare):
    prepare()

    response = desk.post(url(event), typed(desk.get(url(event)), when="none"), follow=True)

    assert said(response) == ["1 decision is announced, with 0 mails."]
    assert not Email.objects.exists()


def test_the_time_is_the_event_s(desk, event, prepare):
    prepare()
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    desk.post(url(event), typed(desk.get(url(event)), when="at", at=f"{tomorrow}T18:30"))

    planned = Announcement.objects.get()
    assert planned.send_at.astimezone(event.zone).isoformat()[:16] == f"{tomorrow}T18:30"
    assert states() == {"Commons": "open"}
    page = desk.get(url(event)).text
    assert "Nothing to announce" in page
    assert '<p class="as-typed">Hello Host of Commons,' in page  # to be read until then
    assert url(event, "announce_call_off", planned.pk) in page


@pytest.mark.parametrize(
    ("at", "error"),
    [
        ("", "The time is missing."),
        ("soon", "This is no date with a time."),
        ("2027-03-28T02:30", "couldn’t be interpreted in time zone Europe/Berlin"),
        ("2001-01-01T10:00", "Choose a time to come, within a year."),
        ("9999-12-31T23:59", "Choose a time to come, within a year."),
        ("\x00[[", "This is no date with a time."),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    desk, event, prepare, at, error
):
    proposal = prepare()
    data = typed(desk.get(url(event)), when="at", at=at, **{key(proposal, "subject"): "Typed"})

    response = desk.post(url(event), data)

    assert response.status_code == 422
    assert error in response.text
    assert 'value="Typed"' in response.text
    assert not Announcement.objects.exists()


@pytest.mark.parametrize("field", ["subject", "body"])
def test_a_mail_without_words_is_refused_beside_the_field(desk, event, prepare, field):
    proposal = prepare()

    response = desk.post(
        url(event), typed(desk.get(url(event)), **{key(proposal, field): " \u200b"})
    )

    assert response.status_code == 422
    assert f"The {'text' if field == 'body' else 'subject'} is missing." in response.text
    assert states() == {"Commons": "open"}


def test_a_subject_of_two_lines_becomes_one(desk, event, prepare):
    proposal = prepare()
    hostile = {key(proposal, "subject"): "Hello\r\nBcc: all@example.org"}

    desk.post(url(event), typed(desk.get(url(event)), **hostile))

    message = Email.objects.get().email_message()
    assert message.subject == "Hello Bcc: all@example.org"
    assert "Bcc" not in message.message()


def test_what_changed_since_is_named_and_what_else_was_typed_stays(desk, event, prepare, organiser):
    same, other = prepare(title="Same"), prepare(title="Other")
    data = typed(desk.get(url(event)), **{key(same, "subject"): "Typed"})
    decisions.prepare(other, "declined", by=organiser)

    response = desk.post(url(event), data)

    assert response.status_code == 422
    assert response.context["changed"] == ["Other"]
    assert 'value="Typed"' in response.text
    assert 'value="Not in the programme: Other"' in response.text
    assert not Email.objects.exists()
    assert desk.post(url(event), typed(response)).status_code == 302
    assert states() == {"Same": "accepted", "Other": "declined"}


def test_what_was_prepared_since_is_named(desk, event, prepare):
    prepare()
    data = typed(desk.get(url(event)))
    prepare(title="Later")

    response = desk.post(url(event), data, follow=True)

    assert said(response)[1:] == [
        "Prepared since you opened the page, and not announced: Later",
    ]
    assert states() == {"Commons": "accepted", "Later": "open"}


def test_pressed_twice_it_says_so_and_sends_once(desk, event, prepare):
    prepare()
    data = typed(desk.get(url(event)))
    desk.post(url(event), data)

    response = desk.post(url(event), data, follow=True)

    assert said(response)[-1].startswith("Nothing was announced: these decisions were announced")
    assert Email.objects.count() == 1


def test_a_planned_one_is_called_off(desk, event, prepare, organiser):
    prepare()
    order = announcing.Order(
        seen={each.proposal.code: each.seen for each in announcing.ready(event)},
        send_at=timezone.now() + dt.timedelta(hours=1),
    )
    planned = announcing.announce(event, order, by=organiser, now=timezone.now()).announcement

    for _time in range(2):
        response = desk.post(url(event, "announce_call_off", planned.pk), follow=True)

    assert said(response) == ["This announcement is not planned any more."]
    assert "1 decision to announce" in response.text


def test_one_that_another_event_planned_is_not_called_off(client, stranger, event, organiser):
    mine = stranger.memberships.get().event
    theirs = Announcement.objects.create(event=event, by=organiser, send_at=timezone.now())
    client.force_login(stranger)

    assert client.post(url(mine, "announce_call_off", theirs.pk)).status_code == 404
    assert client.post(url(event, "announce_call_off", theirs.pk)).status_code == 404
    assert client.get(url(mine, "announce_call_off", theirs.pk)).status_code == 405


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_page_asks_the_same_for_any_number(
    desk, event, prepare, organiser, django_assert_num_queries, count
):
    event.asks_confirmation = True
    event.save()
    for number in range(count):
        HostFactory(pitch=prepare(title=f"Session {number}").pitch)
        asked = ProposalFactory(pitch__event=event, accepted=True)
        confirming.ask(asked)
        for state in ("planned", "done"):
            row = Announcement.objects.create(
                event=event,
                by=organiser,
                send_at=timezone.now(),
                state=state,
                done_at=timezone.now(),
            )
            outcome = "planned" if state == "planned" else "done"
            row.decisions.create(proposal=asked, state="accepted", outcome=outcome)

    with django_assert_num_queries(14):
        assert desk.get(url(event)).status_code == 200


def test_a_page_holds_no_more_mails_than_a_form_has_fields(desk, event, prepare, monkeypatch):
    for number in range(3):
        prepare(title=f"Session {number}")
    monkeypatch.setattr("sessions.admin.announce.MOST_MAILS", 2)

    response = desk.get(url(event))

    assert "1 more decision does not fit on this page" in response.text
    desk.post(url(event), typed(response))
    assert list(states().values()) == ["accepted", "accepted", "open"]


def test_who_has_not_confirmed_is_named(desk, event):
    event.asks_confirmation = True
    event.save()
    confirming.ask(ProposalFactory(pitch__event=event, accepted=True, pitch__title="Silent"))
    answered = ProposalFactory(pitch__event=event, state="confirmed", pitch__title="Loud")
    confirming.ask(answered)

    page = desk.get(url(event)).text

    assert "Silent" in page
    assert "Loud" not in page


def test_the_action_of_the_list_leads_to_the_page(desk, event, prepare):
    proposal = prepare()
    data = {"action": "announce", "_selected_action": proposal.pk, "index": 0}

    for more in ({}, {"next": reverse("admin:program_proposal_change", args=[proposal.pk])}):
        response = desk.post(reverse("admin:program_proposal_changelist"), data | more)
        assert response.url == url(event)


# The outbox.


@pytest.fixture
def entry(event):
    outbox.send(event, Text("Accepted: A", "Text"), to="aylin@example.org", kind="decision")
    return OutboxEntry.objects.get()


def fail(entry, reason="550 no such mailbox"):
    Email.objects.filter(pk=entry.email_id).update(status=STATUS.failed, number_of_retries=4)
    entry.email.logs.create(status=STATUS.failed, message=reason)


def test_the_outbox_says_what_failed_and_why(desk, event, entry):
    fail(entry)

    response = desk.get(url(event, "outbox"))

    assert "550 no such mailbox" in response.text
    assert response.context["counts"] == {"waiting": 0, "sent": 0, "failed": 1}
    assert "aylin@example.org" not in desk.get(url(event, "outbox") + "?state=sent").text


def test_a_failed_mail_is_sent_again_once(desk, event, entry):
    fail(entry)

    first, second = (
        desk.post(url(event, "outbox_retry", entry.pk), follow=True) for _time in range(2)
    )

    assert said(first) == ["The mail is on its way again."]
    assert said(second) == ["This mail is sent or on its way; it is not sent twice."]
    email = Email.objects.get()
    assert (email.status, email.number_of_retries) == (STATUS.queued, 0)


def test_all_that_failed_is_sent_again_at_once_and_the_filter_stays(desk, event, entry):
    sent = outbox.send(event, Text("B", "Text"), to="b@example.org", kind="decision")
    elsewhere = outbox.send(EventFactory(), Text("C", "C"), to="c@example.org", kind="decision")
    Email.objects.filter(pk=sent.pk).update(status=STATUS.sent)
    fail(entry)
    fail(OutboxEntry.objects.get(email=elsewhere))
    page = f"{url(event, 'outbox_retry_all')}?state=failed"

    first, second = (desk.post(page, follow=True) for _time in range(2))

    assert first.redirect_chain == [(f"{url(event, 'outbox')}?state=failed", 302)]
    assert said(first) == ["1 mail is on its way again."]
    assert said(second) == ["This mail is sent or on its way; it is not sent twice."]
    states = Email.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == [STATUS.queued, STATUS.sent, STATUS.failed]


def test_a_mail_of_another_event_cannot_be_sent_again(client, stranger, event, entry):
    fail(entry)
    client.force_login(stranger)

    mine = stranger.memberships.get().event
    assert client.post(url(mine, "outbox_retry", entry.pk)).status_code == 404
    assert client.post(url(event, "outbox_retry_all")).status_code == 404
    assert client.get(url(event, "outbox_retry", entry.pk)).status_code == 405
    assert "aylin@example.org" not in client.get(url(mine, "outbox")).text


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_outbox_asks_the_same_for_any_number(desk, event, django_assert_num_queries, count):
    for _number in range(count):
        outbox.send(event, Text("A", "B"), to="a@example.org", kind="decision")

    with django_assert_num_queries(7):
        assert desk.get(url(event, "outbox")).status_code == 200


def test_a_mail_that_is_tidied_away_leaves_the_outbox(event, entry):
    Email.objects.update(created=timezone.now() - dt.timedelta(days=31))

    call_command("cleanup_mail", days=30, delete_attachments=True, verbosity=0)

    assert not OutboxEntry.objects.exists()


# Templates.


def test_the_words_of_an_event_are_its_own(desk, event, prepare):
    page = url(event, "mail_templates_edit", "accepted", "en")

    desk.post(page, {"subject": "{title} is in", "body": "Dear {name}, come to {event}."})

    proposal = prepare()
    response = desk.get(url(event))
    assert typed(response)[key(proposal, "subject")] == "Commons is in"
    assert typed(response)[key(proposal, "body")] == (
        "Dear Host of Commons, come to Next Economy Open."
    )
    assert "your own" in desk.get(url(event, "mail_templates")).text


def test_the_words_of_the_site_come_back(desk, event):
    page = url(event, "mail_templates_edit", "accepted", "en")
    desk.post(page, {"subject": "Mine", "body": "Mine"})

    desk.post(page, {"reset": "1"})

    assert not MailTemplate.objects.exists()
    assert "Accepted: {title}" in desk.get(page).text


def test_what_the_words_were_stays_in_the_event_s_history(desk, event, organiser):
    page = url(event, "mail_templates_edit", "accepted", "en")
    for data in ({"subject": "A", "body": "A"}, {"subject": "A", "body": "B"}, {"reset": "1"}):
        desk.post(page, data)

    history = desk.get(reverse("admin:program_event_history", args=[event.pk])).context["changes"]

    kept = [change for change in history if change.row == "mail template Accepted, English"]
    assert {change.who for change in kept} == {organiser.profile.name}
    assert [(c.kind, [(f.before, f.after) for f in c.fields]) for c in kept] == [
        ("delete", [("A", "–"), ("B", "–")]),
        ("update", [("A", "B")]),
        ("insert", []),
    ]


@pytest.mark.parametrize(
    ("kind", "field", "typed", "error"),
    [
        ("accepted", "subject", "Hi {nmae}", "Not known: {nmae}. What can stand in braces: {name}"),
        ("accepted", "body", "{name.email} {0} {}", "Not known: {name.email}, {0}, {}."),
        ("declined", "body", "{confirm_link}", "Not known: {confirm_link}."),
        ("asked", "body", "Come.", "{confirm_link} is missing: without it nobody can answer."),
        ("accepted", "body", "Hi {name,", "A brace is missing at: {name"),
        ("accepted", "subject", "\r\n", "The subject is missing."),
        ("accepted", "subject", "x" * 201, "At most 200 characters fit here; these are 201."),
        ("accepted", "body", "x" * 5001, "At most 5000 characters fit here; these are 5001."),
    ],
)
def test_what_cannot_be_is_named_beside_the_field_and_stays_typed(
    desk, event, kind, field, typed, error
):
    data = {"subject": "S", "body": "{confirm_link}" if kind == "asked" else "B", field: typed}

    response = desk.post(url(event, "mail_templates_edit", kind, "en"), data)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert error in response.context["form"].errors[field][0].replace("5,", "5")
    assert typed.strip() in response.text
    assert not MailTemplate.objects.exists()


@pytest.mark.parametrize(("kind", "language"), [("nothing", "de"), ("accepted", "xx")])
def test_templates_of_no_kind_do_not_exist(desk, event, kind, language):
    assert desk.get(url(event, "mail_templates_edit", kind, language)).status_code == 404


# Who may.


@pytest.mark.parametrize(("who", "status"), STRANGER_AND_MODERATOR)
@pytest.mark.parametrize("verb", ["get", "post"])
def test_nobody_else_sees_any_of_it(client, request, event, entry, organiser, who, status, verb):
    planned = Announcement.objects.create(event=event, by=organiser, send_at=timezone.now())
    client.force_login(request.getfixturevalue(who))
    refused = {status} if verb == "get" else {status, 405}
    for page, *args in (
        ["announce"],
        ["outbox"],
        ["mail_templates"],
        ["mail_templates_edit", "accepted", "de"],
    ):
        assert getattr(client, verb)(url(event, page, *args)).status_code in refused
    assert client.post(url(event, "announce_call_off", planned.pk)).status_code == status
    assert client.post(url(event, "outbox_retry", entry.pk)).status_code == status


def test_without_a_log_in_the_desk_asks_for_it(client, event):
    assert "/login/" in client.get(url(event)).url


def test_an_event_s_templates_hold_for_it_alone(event, prepare):
    MailTemplate.objects.create(
        event=EventFactory(), kind="accepted", language="en", subject="Theirs", body="Theirs"
    )
    prepare()

    assert announcing.ready(event)[0].letters[0].text.subject == "Accepted: Commons"
