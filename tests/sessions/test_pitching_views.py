import datetime as dt
import re

import pytest
from django.utils import timezone

from sessions import content as contents
from sessions import decisions, pitching
from sessions.content import Content, ProposalContent
from sessions.models import Pitch
from tests.factories import (
    EventFactory,
    HostFactory,
    InterestFactory,
    MembershipFactory,
    PitchFactory,
    ProposalFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NEW = "/neo/pitches/new/"
PREVIEW = "/neo/pitches/preview/"
HTMX = {"HX-Request": "true"}
HOSTILE = ["\x00", "\x07\x1b", "\u202eback", "[" * 65_536, "> " * 20_000, "a" * 300_000]


@pytest.fixture
def event():
    day = timezone.now().date() + dt.timedelta(days=60)
    return EventFactory(slug="neo", starts_on=day, ends_on=day)


@pytest.fixture
def owner(client, event):
    user = UserFactory(profile__name="Aylin Kaya")
    client.force_login(user)
    return user


@pytest.fixture
def pitch(event, owner):
    """Two sessions, on the wall."""
    content = Content(
        title="Brot",
        body="Von gestern.",
        language="de",
        tags=("essen",),
        proposals=(
            ProposalContent(title="Zahlen"),
            ProposalContent(title="Ofen", format="workshop", minutes=90),
        ),
    )
    pitch = pitching.create(event, by=owner, content=content, now=timezone.now(), code="brt234")
    return pitching.publish(pitch, by=owner, now=timezone.now())


def address(pitch, name):
    return f"/neo/pitches/{pitch.code}/{name}/"


def form_of(client, url):
    """What a browser would send back of the page at ``url``."""
    page = client.get(url).content.decode()
    form = re.search(r'<form class="form" id="pitch".*?</form>', page, re.S)[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]*)"', tag)[1]
        value = re.search(r'value="([^"]*)"', tag)
        if 'type="radio"' not in tag or "checked" in tag:
            fields[name] = value[1] if value else ""
    for name, text in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        fields[name] = text.strip("\r\n")
    for name, options in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        fields[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return fields


def new(**changes):
    return {"title": "Brot", "body": "Von gestern.", "do": "publish", **changes}


# New


def test_new_publishes_with_title_and_text(client, event, owner):
    answer = client.post(NEW, new())
    pitch = Pitch.objects.get()
    assert answer.url == pitch.get_absolute_url()
    assert contents.of(pitch) == Content(
        title="Brot",
        body="Von gestern.",
        language="en",
        proposals=(ProposalContent(code=pitch.proposals.get().code),),
    )


def test_new_takes_an_introduction_and_two_sessions(client, event, owner):
    client.post(
        NEW,
        new(
            tags="#Geld,  brot , Brot",
            language="de",
            **{
                "session-0-title": "Eins",
                "session-0-format": "impuls",
                "session-1-title": "Zwei",
                "session-1-abstract": "Noch nicht vortragsreif.",
                "session-1-format": "fishbowl",
                "session-1-ripeness": "idea",
                "session-1-minutes": "30",
                "session-1-needs": "Stuhlkreis",
            },
        ),
    )
    stored = contents.of(Pitch.objects.get())
    assert (stored.language, stored.tags) == ("de", ("Brot", "Geld"))
    one, two = stored.proposals
    assert (one.title, one.ripeness, one.minutes) == ("Eins", "ready", 45)
    assert two == ProposalContent(
        title="Zwei",
        abstract="Noch nicht vortragsreif.",
        format="fishbowl",
        ripeness="idea",
        minutes=30,
        needs="Stuhlkreis",
        code=two.code,
    )


def test_new_saves_a_draft_without_a_text(client, event, owner):
    answer = client.post(NEW, new(do="draft", body=""))
    pitch = Pitch.objects.get()
    assert (pitch.state, answer.url) == ("draft", address(pitch, "edit"))


def test_new_sent_twice_is_one_pitch(client, event, owner):
    typed = form_of(client, NEW) | new()
    first, second = client.post(NEW, typed), client.post(NEW, typed)
    assert first.url == second.url == Pitch.objects.get().get_absolute_url()


def test_new_from_an_old_tab_becomes_another_pitch_when_the_first_went_on(client, event, owner):
    typed = form_of(client, NEW) | new()
    client.post(NEW, typed)
    Pitch.objects.update(state="hidden")
    client.post(NEW, typed | {"title": "Brot, zweite Fassung"})
    assert {pitch.title: pitch.state for pitch in Pitch.objects.all()} == {
        "Brot": "hidden",
        "Brot, zweite Fassung": "public",
    }


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"title": " \u200b "}, "The title is missing. It goes on the card."),
        ({"title": "x" * 121}, "At most 120 characters fit here; these are 121."),
        ({"body": ""}, "The text is missing. Two sentences will do."),
        ({"body": "x" * 20_001}, "At most 20000 characters fit here; these are 20001."),
        ({"tags": "a,b,c,d,e,f"}, "At most 5 tags, please; these are 6."),
        ({"tags": "x" * 41}, "is too long: at most 40 characters."),
        ({"session-0-needs": "x" * 201}, "At most 200 characters fit here; these are 201."),
        ({"session-0-minutes": "4"}, "At least 5 minutes, please."),
        ({"session-0-minutes": "9" * 5000}, "Write the minutes as a number."),
        ({"session-0-format": "tanz"}, "tanz is not one of the available choices."),
        ({"session-1-abstract": "Ohne Titel"}, "A further session needs a title of its own."),
        ({"language": "tlh"}, "tlh is not one of the available choices."),
    ],
)
def test_new_names_what_is_wrong_and_keeps_what_was_typed(client, event, owner, typed, message):
    page = client.post(NEW, new(**{"session-0-abstract": "Bleibt stehen."}) | typed)
    html = page.content.decode()
    assert "Please check 1 answer<" in html
    assert message in html
    assert "Bleibt stehen." in html
    assert Pitch.objects.count() == 0


def test_new_leaves_an_empty_further_block_off(client, event, owner):
    client.post(NEW, new(**{"session-1-title": "", "session-1-format": "blitz"}))
    assert Pitch.objects.get().proposals.count() == 1


def test_new_refuses_a_sixth_session_and_keeps_all_six(client, event, owner):
    titles = {f"session-{number}-title": f"Nummer {number}" for number in range(6)}
    html = client.post(NEW, new(**titles)).content.decode()
    assert "at most five sessions" in html
    assert all(title in html for title in titles.values())


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_new_adds_and_removes_sessions_with_everything_kept(client, event, owner, headers):
    typed = {"title": "Brot", "session-0-title": "Eins", "session-1-title": "Zwei"}
    more = client.post(NEW, typed | {"do": "add"}, headers=headers).content.decode()
    assert 'name="session-2-title"' in more
    assert all(f'value="{title}"' in more for title in ("Eins", "Zwei"))
    fewer = client.post(NEW, typed | {"do": "remove-0"}, headers=headers).content.decode()
    assert 'name="session-0-title" value="Zwei"' in fewer
    assert "Eins" not in fewer
    assert ("<html" in more) == (not headers)


def test_new_opens_more_only_when_it_holds_something(client, event, owner):
    assert '<details class="more field">' in client.get(NEW).content.decode()
    typed = client.post(NEW, {"tags": "brot", "do": "preview"}).content.decode()
    assert '<details class="more field" open>' in typed


def test_new_is_not_offered_when_pitching_is_closed(client, event, owner):
    event.pitching_closes_at = timezone.now()
    event.save()
    page = client.get(NEW).content.decode()
    assert "Pitching is closed." in page
    assert 'id="pitch"' not in page


def test_new_that_comes_too_late_keeps_the_text_and_offers_a_draft(client, event, owner):
    event.pitching_closes_at = timezone.now()
    event.save()
    page = client.post(NEW, new()).content.decode()
    assert "Pitching is closed." in page
    assert "Von gestern." in page
    assert 'value="publish"' not in page
    client.post(NEW, new(do="draft"))
    assert Pitch.objects.get().state == "draft"


@pytest.mark.parametrize("url", [NEW, "/neo/pitches/new/finish/"])
def test_new_is_not_found_for_a_draft_event(client, url):
    EventFactory(slug="neo", draft=True)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("nasty", HOSTILE, ids=range(len(HOSTILE)))
def test_new_answers_hostile_input(client, event, owner, nasty):
    fields = ("title", "body", "tags", "session-0-code", "session-0-minutes", "code")
    for field in fields:
        assert client.post(NEW, new() | {field: nasty}).status_code in (200, 302), field
    for do in ("preview", "add"):
        assert client.post(NEW, dict.fromkeys(fields[:3], nasty) | {"do": do}).status_code == 200


@pytest.mark.parametrize("do", ["", "\x00", "remove-99", "remove-", "remove-²", "add-9", "finish"])
def test_new_answers_unknown_wishes_with_the_page(client, event, owner, do):
    assert "Von gestern." in client.post(NEW, new(do=do)).content.decode()


@pytest.mark.parametrize("do", ["publish", "preview"])
def test_new_answers_bytes_that_are_no_text(client, event, owner, do):
    body = f"do={do}&title=%ED%A0%80%FF&body=%ED%A0%80&session-0-title=%C3%28&tags=%FF,%FE"
    form = "application/x-www-form-urlencoded"
    assert client.post(NEW, body, content_type=form).status_code in (200, 302)


# Preview


def test_preview_shows_markdown_as_a_fragment(client, event):
    answer = client.post(PREVIEW, {"title": "A", "body": "**fett** <script>"}, headers=HTMX)
    html = answer.content.decode()
    assert "<strong>fett</strong> &lt;script&gt;" in html
    assert "<html" not in html


def test_preview_without_javascript_is_on_the_page_with_everything_kept(client, event):
    html = client.post(PREVIEW, new(name="Aylin", email="a@example.org")).content.decode()
    for kept in ('<div class="prose"><p>Von gestern.</p>', '"Aylin"', '"a@example.org"'):
        assert kept in html
    assert client.get(PREVIEW).status_code == 405


# Edit


def test_edit_shows_and_stores_everything(client, pitch):
    before = contents.of(pitch)
    typed = form_of(client, address(pitch, "edit"))
    typed |= {"title": "Brot von heute", "session-1-title": "Lehmofen", "do": "save"}
    answer = client.post(address(pitch, "edit"), typed)
    after = contents.of(Pitch.objects.get())
    assert answer.url == Pitch.objects.get().get_absolute_url()
    assert [change.after for change in contents.between(before, after)] == [
        "Brot von heute",
        "Lehmofen",
    ]
    assert pitch.log.order_by("pk").last().action == "edited"


def test_edit_without_a_change_changes_nothing(client, pitch):
    before = contents.of(pitch)
    client.post(address(pitch, "edit"), form_of(client, address(pitch, "edit")) | {"do": "save"})
    assert contents.of(Pitch.objects.get()) == before
    assert list(pitch.log.values_list("action", flat=True)) == ["published"]


def test_edit_is_open_to_co_hosts_and_to_nobody_else(client, pitch):
    cohost = HostFactory(pitch=pitch).person
    invited = HostFactory(pitch=pitch, state="invited").person
    organiser = MembershipFactory(event=pitch.event).user
    for user, status in ((cohost, 200), (invited, 404), (organiser, 404), (UserFactory(), 404)):
        client.force_login(user)
        assert client.get(address(pitch, "edit")).status_code == status


def test_edit_is_forbidden_while_hidden(client, pitch):
    Pitch.objects.update(state="hidden")
    assert client.get(address(pitch, "edit")).status_code == 403
    assert client.post(address(pitch, "edit"), new(do="save")).status_code == 403


def test_edit_tells_the_second_writer_and_shows_both(client, pitch):
    mine = form_of(client, address(pitch, "edit")) | {"title": "Meiner", "do": "save"}
    cohost = HostFactory(pitch=pitch, person__profile__name="Jörg Müßig").person
    theirs = contents.of(pitch)
    changed = Content(**{**vars(theirs), "title": "Seiner", "tags": ("ofen",)})
    pitching.edit(pitch, by=cohost, content=changed, now=timezone.now())
    answer = client.post(address(pitch, "edit"), mine)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Jörg Müßig saved this pitch while you were writing" in html
    assert 'value="Meiner"' in html
    assert "Seiner" in html
    assert Pitch.objects.get().title == "Seiner"
    seen = re.search(r'name="seen" value="(\w+)"', html)[1]
    client.post(address(pitch, "edit"), mine | {"seen": seen})
    assert Pitch.objects.get().title == "Meiner"


def test_edit_puts_a_wanted_session_back_into_the_form(client, pitch):
    InterestFactory(proposal=pitch.proposals.get(title="Ofen"))
    typed = form_of(client, address(pitch, "edit")) | {"do": "save", "title": "Neuer Titel"}
    typed = {name: value for name, value in typed.items() if not name.startswith("session-1")}
    html = client.post(address(pitch, "edit"), typed).content.decode()
    assert "“Ofen” cannot be removed" in html
    assert 'name="session-1-title" value="Ofen"' in html
    assert 'value="Neuer Titel"' in html
    assert Pitch.objects.get().title == "Brot"


def test_edit_shows_errors_again_with_what_was_typed(client, pitch):
    typed = form_of(client, address(pitch, "edit")) | {"title": "", "body": "Neu.", "do": "save"}
    html = client.post(address(pitch, "edit"), typed).content.decode()
    assert "The title is missing." in html
    assert "Neu.</textarea>" in html


def test_edit_after_the_session_ended_gives_the_words_back_after_the_log_in(client, pitch):
    typed = form_of(client, address(pitch, "edit")) | {"body": "Lang getippt.", "do": "save"}
    client.logout()
    answer = client.post(address(pitch, "edit"), typed)
    assert answer.url == f"/account/login/?next={address(pitch, 'edit')}"
    session = client.session
    client.force_login(pitch.owner)
    client.session.update(session)
    html = client.get(address(pitch, "edit")).content.decode()
    assert "Lang getippt.</textarea>" in html
    assert "They are not saved yet." in html


def test_edit_asks_strangers_to_log_in_and_says_nothing_of_the_pitch(client, event):
    for code in (PitchFactory(event=event, draft=True).code, "nnnnnn"):
        answer = client.get(f"/neo/pitches/{code}/edit/")
        assert answer.url == f"/account/login/?next=/neo/pitches/{code}/edit/"


def test_edit_publishes_a_draft_on_purpose_only(client, event, owner):
    client.post(NEW, new(do="draft"))
    pitch = Pitch.objects.get()
    typed = form_of(client, address(pitch, "edit"))
    client.post(address(pitch, "edit"), typed | {"do": "draft", "title": "Brot!"})
    assert Pitch.objects.get().state == "draft"
    typed = form_of(client, address(pitch, "edit"))
    client.post(address(pitch, "edit"), typed | {"do": "publish"})
    assert (Pitch.objects.get().state, Pitch.objects.get().title) == ("public", "Brot!")


# Publish, withdraw, reopen

WRITING = ["publish", "withdraw", "reopen"]


@pytest.mark.parametrize("name", WRITING)
def test_writing_views_need_a_log_in(client, pitch, name):
    client.logout()
    answer = client.post(address(pitch, name))
    assert answer.url.startswith("/account/login/")


@pytest.mark.parametrize("name", [*WRITING, "edit"])
def test_writing_views_are_not_found_by_strangers(client, pitch, name):
    client.force_login(UserFactory())
    assert client.post(address(pitch, name)).status_code == 404


@pytest.mark.parametrize("name", ["publish", "reopen"])
def test_writing_views_refuse_get(client, pitch, name):
    assert client.get(address(pitch, name)).status_code == 405


def test_publish_view_hangs_a_draft_up_or_says_what_is_missing(client, event, owner):
    client.post(NEW, new(do="draft", body=""))
    pitch = Pitch.objects.get()
    page = client.post(address(pitch, "publish"), follow=True).content.decode()
    assert "The text is missing. Two sentences will do." in page
    assert Pitch.objects.get().state == "draft"
    Pitch.objects.update(body="Da.")
    assert client.post(address(pitch, "publish")).url == pitch.get_absolute_url()
    assert Pitch.objects.get().state == "public"


def test_withdraw_asks_first_and_reopen_brings_it_back(client, pitch):
    page = client.get(address(pitch, "withdraw")).content.decode()
    assert "Withdraw “Brot”?" in page
    client.post(address(pitch, "withdraw"))
    assert Pitch.objects.get().state == "withdrawn"
    client.post(address(pitch, "reopen"))
    assert Pitch.objects.get().state == "public"
    assert set(pitch.proposals.values_list("state", flat=True)) == {"open"}


def test_withdraw_takes_a_single_session_back_and_up_again(client, pitch):
    ofen = pitch.proposals.get(title="Ofen")
    page = client.get(f"{address(pitch, 'withdraw')}?session={ofen.code}").content.decode()
    assert "Withdraw the session “Ofen”?" in page
    client.post(address(pitch, "withdraw"), {"session": ofen.code})
    states = dict(pitch.proposals.values_list("title", "state"))
    assert (Pitch.objects.get().state, states) == (
        "public",
        {"Zahlen": "open", "Ofen": "withdrawn"},
    )
    client.post(address(pitch, "reopen"), {"session": ofen.code})
    assert pitch.proposals.get(title="Ofen").state == "open"


@pytest.mark.parametrize("code", ["\x00", "nnnnnn", "x" * 9999])
def test_withdraw_finds_no_session_of_another_pitch(client, pitch, code):
    assert client.post(address(pitch, "withdraw"), {"session": code}).status_code == 404
    foreign = ProposalFactory().code
    assert client.post(address(pitch, "withdraw"), {"session": foreign}).status_code == 404


def test_withdraw_says_so_when_it_is_too_late(client, pitch):
    ofen = pitch.proposals.get(title="Ofen")
    decisions.accept(ofen, by=UserFactory())
    decisions.cancel(ofen, by=UserFactory())
    answer = client.post(address(pitch, "withdraw"), {"session": ofen.code})
    assert answer.url == Pitch.objects.get().get_absolute_url()
    assert pitch.proposals.get(title="Ofen").state == "cancelled"


def test_withdraw_deletes_a_draft(client, event, owner):
    client.post(NEW, new(do="draft"))
    pitch = Pitch.objects.get()
    assert "This cannot be undone." in client.get(address(pitch, "withdraw")).content.decode()
    assert client.post(address(pitch, "withdraw")).url == "/neo/pitches/"
    assert Pitch.objects.count() == 0


# Versions


@pytest.mark.django_db(transaction=True)  # each version has its transaction's time
def test_versions_say_who_changed_what(client, pitch):
    typed = form_of(client, address(pitch, "edit"))
    typed |= {"title": "Brot von heute", "tags": "ofen", "session-1-minutes": "60", "do": "save"}
    client.post(address(pitch, "edit"), typed)
    client.post(address(pitch, "withdraw"))
    page = client.get(address(pitch, "versions"))
    newest, edited = page.context["versions"][:2]
    assert [(change.label, change.before, change.after) for change in edited.changes] == [
        ("Title", "Brot", "Brot von heute"),
        ("Tags", "essen", "ofen"),
        ("Minutes", "90", "60"),
    ]
    assert edited.by.name == "Aylin Kaya"
    assert ("State", "public", "withdrawn") in [
        (change.label, change.before, change.after) for change in newest.changes
    ]
    assert "Aylin Kaya" in page.content.decode()


@pytest.mark.django_db(transaction=True)  # each version has its transaction's time
def test_versions_keep_a_removed_session_and_no_prepared_decision(client, pitch):
    decisions.prepare(pitch.proposals.get(title="Zahlen"), "declined", by=UserFactory())
    stored = contents.of(pitch)
    only = Content(**{**vars(stored), "proposals": stored.proposals[:1]})
    pitching.edit(pitch, by=pitch.owner, content=only, now=timezone.now())
    page = client.get(address(pitch, "versions")).content.decode()
    assert "Session removed" in page
    assert "Ofen" in page
    assert "declined" not in page


def test_versions_are_for_hosts_and_organisers(client, pitch):
    organiser = MembershipFactory(event=pitch.event).user
    cohost = HostFactory(pitch=pitch).person
    for user, status in ((organiser, 200), (cohost, 200), (UserFactory(), 404)):
        client.force_login(user)
        assert client.get(address(pitch, "versions")).status_code == status
    client.logout()
    assert client.get(address(pitch, "versions")).status_code == 302


@pytest.mark.parametrize("edits", [1, 3])
def test_versions_cost_the_same_for_one_and_three(client, pitch, edits, django_assert_num_queries):
    for number in range(edits):
        typed = form_of(client, address(pitch, "edit"))
        client.post(address(pitch, "edit"), typed | {"title": f"Brot {number}", "do": "save"})
    client.get(address(pitch, "versions"))
    with django_assert_num_queries(11):
        client.get(address(pitch, "versions"))


def test_page_speaks_german(client, event, owner):
    client.cookies["django_language"] = "de"
    html = client.post(NEW, new(title="", body="")).content.decode()
    for said in (
        "Bitte prüfe 2 Angaben",
        "Der Titel fehlt. Er steht später auf dem Zettel.",
        "Als Entwurf speichern",
    ):
        assert said in html
    answer = client.post(NEW, new(do="draft"), follow=True)
    assert re.search(r"Entwurf gespeichert, \d\d:\d\d Uhr<", answer.content.decode())
