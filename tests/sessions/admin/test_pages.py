"""The pages of one row: words, notes, history, and what is never a field."""

import pytest
from django.urls import reverse

from sessions import decisions
from sessions.models import LogEntry, OrganiserNote, Pitch
from tests.factories import ProposalFactory, UserFactory

NO_NOTES = {
    "proposals-TOTAL_FORMS": 0,
    "proposals-INITIAL_FORMS": 0,
    "notes-TOTAL_FORMS": 0,
    "notes-INITIAL_FORMS": 0,
}


@pytest.fixture
def proposal(event):
    return ProposalFactory(pitch__event=event, title="Own title")


def page(name, row):
    return reverse(f"admin:program_{row._meta.model_name}_{name}", args=[row.pk])


def words(pitch, **changes):
    kept = {"title": pitch.title, "body": pitch.body, "language": pitch.language, "tags": ""}
    return {**kept, **NO_NOTES, **changes}


def test_an_organiser_corrects_a_pitch_and_the_log_says_so(desk, organiser, proposal):
    pitch = proposal.pitch

    desk.post(page("change", pitch), words(pitch, title="Corrected", tags="Recht, geld"))

    pitch.refresh_from_db()
    assert pitch.title == "Corrected"
    assert sorted(tag.name for tag in pitch.tags.all()) == ["Recht", "geld"]
    entry = LogEntry.objects.get()
    assert (entry.action, entry.actor) == ("edited", organiser)


def test_an_organiser_corrects_a_session(desk, proposal):
    data = {"title": "Shorter", "abstract": "", "format": "blitz", "ripeness": "idea"}

    desk.post(page("change", proposal), {**data, "minutes": 5, "needs": "A bell"})

    proposal.refresh_from_db()
    assert (proposal.title, proposal.format, proposal.needs) == ("Shorter", "blitz", "A bell")


@pytest.mark.parametrize("row", ["pitch", "proposal"])
def test_the_state_is_never_a_field(desk, proposal, row):
    row = proposal if row == "proposal" else proposal.pitch
    before = row.state
    extra = words(row) if isinstance(row, Pitch) else {}

    desk.post(page("change", row), {**extra, "state": "withdrawn", "minutes": 45})

    row.refresh_from_db()
    assert row.state == before
    assert 'name="state"' not in desk.get(page("change", row)).text


def test_the_words_of_a_draft_belong_to_its_hosts(desk, event):
    pitch = ProposalFactory(pitch__event=event, pitch__draft=True).pitch

    desk.post(page("change", pitch), words(pitch, title="Not mine to say"))

    pitch.refresh_from_db()
    assert pitch.title != "Not mine to say"


def test_a_note_is_signed_by_whoever_writes_it(desk, organiser, proposal):
    note = {"notes-TOTAL_FORMS": 1, "notes-0-text": "Ask for a beamer"}

    desk.post(page("change", proposal.pitch), words(proposal.pitch, **note))

    written = OrganiserNote.objects.get()
    assert (written.text, written.author) == ("Ask for a beamer", organiser)
    assert "Ask for a beamer" in desk.get(page("change", proposal.pitch)).text


def test_a_note_is_shown_to_nobody_else(client, proposal):
    OrganiserNote.objects.create(pitch=proposal.pitch, text="Only for us")
    client.force_login(proposal.pitch.owner)

    assert "Only for us" not in client.get(proposal.pitch.get_absolute_url()).text


def test_the_history_says_who_changed_what_into_what(desk, organiser, proposal):
    organiser.profile.name = "Olga Organ"
    organiser.profile.save()
    desk.post(page("change", proposal.pitch), words(proposal.pitch, title="After"))

    changes = desk.get(page("history", proposal.pitch)).context["changes"]

    newest = next(change for change in changes if change.fields)
    assert newest.who == "Olga Organ"
    assert [(field.label, field.after) for field in newest.fields] == [("title", "After")]


def test_the_history_of_a_session_knows_its_decisions(desk, organiser, proposal):
    decisions.accept(proposal, by=organiser)

    newest = desk.get(page("history", proposal)).context["changes"][0]

    assert [(field.before, field.after) for field in newest.fields] == [("open", "accepted")]


def test_the_history_of_a_pitch_holds_its_sessions_hosts_and_notes(desk, proposal):
    OrganiserNote.objects.create(pitch=proposal.pitch, text="Ring them up")

    rows = {change.row for change in desk.get(page("history", proposal.pitch)).context["changes"]}

    title = proposal.pitch.title
    assert {f"pitch “{title}”", "session “Own title”", "internal note “Ring them up”"} < rows


def test_hosts_are_read_by_organisers_and_changed_by_superusers_only(desk, superuser, proposal):
    page = reverse("admin:speakers_user_change", args=[proposal.pitch.owner_id])
    data = {"language": "de", "is_active": "on", "is_superuser": "on"}

    assert proposal.pitch.owner.email in desk.get(page).text
    assert desk.post(page, data).status_code == 403
    desk.force_login(superuser)
    assert desk.post(page, data).status_code == 302


def test_other_people_are_not_listed(desk, proposal):
    UserFactory(email="elsewhere@example.org")

    listed = desk.get(reverse("admin:speakers_user_changelist")).context["cl"].result_list

    assert [person.pk for person in listed] == [proposal.pitch.owner_id]


def test_the_overview_says_what_waits_in_each_event(desk, event):
    ProposalFactory(pitch__event=event)
    ProposalFactory(pitch__event=event, prepared_state="accepted")
    ProposalFactory(pitch__event=event, accepted=True)

    (shown,) = desk.get(reverse("admin:index")).context["desks"]

    assert {fact.label for fact in shown.facts} == {
        "3 pitches on the wall",
        "1 session to decide",
        "1 prepared decision",
        "1 session without a place",
    }
