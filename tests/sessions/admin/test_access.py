"""Who reaches what: every registered model × every page × every kind of person."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from comments.models import Act, Ban, Comment, Mention, Outgoing, Rules
from sessions.admin.site import regie
from sessions.models import Event, LogEntry, Merge, Pitch, Proposal
from speakers.models import User
from tests.factories import CommentFactory, ProposalFactory, UserFactory
from tests.factories.program import NOW

DISCUSSION = [Comment, Mention, Outgoing, Rules, Ban, Act]
MODELS = [Event, Pitch, Proposal, Merge, *DISCUSSION, LogEntry, User]
MODERATED = [Comment, Mention, Ban, Act]
PAGES = ["change", "history", "delete"]


def test_the_matrix_holds_every_registered_model():
    assert set(regie._registry) == set(MODELS)


@pytest.fixture
def rows(event, organiser):
    """One row of each model that belongs to the organiser's event."""
    proposal = ProposalFactory(pitch__event=event)
    pitch = proposal.pitch
    return {
        Event: event,
        Pitch: pitch,
        Proposal: proposal,
        Merge: Merge.objects.create(
            event=event, source=ProposalFactory(pitch__event=event).pitch, target=pitch, at=NOW
        ),
        Comment: CommentFactory(pitch=pitch),
        LogEntry: LogEntry.objects.create(
            event=event, actor=organiser, action=LogEntry.Action.HIDDEN, pitch=pitch
        ),
        Rules: Rules.objects.create(event=event),
        Ban: Ban.objects.create(event=event, email="hanna@example.org"),
        Act: Act.objects.create(event=event, pitch=pitch, kind=Act.Kind.CLOSED),
        Mention: Mention.objects.create(
            pitch=pitch, source="https://blog.example/", target="http://testserver/"
        ),
        Outgoing: Outgoing.objects.create(pitch=pitch, target="https://a.example/"),
        User: pitch.owner,
    }


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def actions_of(model):
    return [getattr(action, "__name__", action) for action in regie._registry[model].actions or ()]


def statuses(client, rows, pages=("changelist", "add", *PAGES), verb="get"):
    """The answer's status of every page of every model, as (model, page) -> status."""
    return {
        (model.__name__, page): getattr(client, verb)(
            url(model, page, *([rows[model].pk] if page in PAGES else []))
        ).status_code
        for model in MODELS
        for page in pages
    }


def expected(statuses_by_page, models=MODELS):
    return {
        (model.__name__, page): status
        for model in models
        for page, status in statuses_by_page.items()
    }


def test_organisers_open_what_belongs_to_their_event(client, organiser, rows):
    client.force_login(organiser)

    assert statuses(client, rows) == expected(
        {"changelist": 200, "add": 403, "change": 200, "history": 200, "delete": 403}
    ) | {("Merge", "add"): 200}


@pytest.mark.parametrize("verb", ["get", "post"])
def test_rows_of_another_event_do_not_exist(client, stranger, rows, verb):
    client.force_login(stranger)

    assert statuses(client, rows, PAGES, verb) == expected(dict.fromkeys(PAGES, 404))


def test_lists_hold_nothing_of_another_event(client, stranger, rows):
    client.force_login(stranger)

    for model in MODELS:
        listed = client.get(url(model, "changelist")).context["cl"].queryset
        assert not listed.filter(pk=rows[model].pk).exists()


@pytest.mark.parametrize("model", MODELS)
def test_actions_do_not_reach_another_event(client, stranger, rows, model):
    client.force_login(stranger)
    before = type(rows[model]).objects.filter(pk=rows[model].pk).values().get()

    for action in actions_of(model):
        client.post(
            url(model, "changelist"),
            {"action": action, ACTION_CHECKBOX_NAME: rows[model].pk, "index": 0},
        )
        assert type(rows[model]).objects.filter(pk=rows[model].pk).values().get() == before


@pytest.mark.parametrize("verb", ["get", "post"])
def test_moderators_are_refused_all_but_discussions(client, moderator, rows, verb):
    client.force_login(moderator)
    pages = ("changelist", "add", *PAGES)

    found = statuses(client, rows, pages, verb)

    others = [model for model in MODELS if model not in MODERATED]
    assert {key: found[key] for key in expected(dict.fromkeys(pages), others)} == expected(
        dict.fromkeys(pages, 403), others
    )


def test_moderators_open_the_discussions_of_their_event(client, moderator, rows):
    client.force_login(moderator)

    assert client.get(reverse("admin:index")).status_code == 200
    for model in MODERATED:
        assert client.get(url(model, "changelist")).status_code == 200
        assert client.get(url(model, "change", rows[model].pk)).status_code == 200


def test_nobody_is_served_without_logging_in(client, rows):
    pages = ("changelist", "add", *PAGES)

    assert statuses(client, rows) == expected(dict.fromkeys(pages, 302))
    assert statuses(client, rows, verb="post") == expected(dict.fromkeys(pages, 302))


def test_logging_in_is_what_it_is_everywhere_and_leads_back(client, db):
    response = client.get(reverse("admin:login"), {"next": "/admin/program/pitch/"})

    assert response.url == f"{reverse('account_login')}?next=%2Fadmin%2Fprogram%2Fpitch%2F"


def test_a_foreign_address_is_no_way_back(client, db):
    response = client.get(reverse("admin:login"), {"next": "https://example.org/"})

    assert response.url == f"{reverse('account_login')}?next=%2Fadmin%2F"


@pytest.mark.parametrize("traits", [{}, {"staff": True}])
@pytest.mark.parametrize("name", ["admin:index", "admin:program_pitch_changelist"])
def test_an_account_without_a_role_is_refused(client, db, traits, name):
    client.force_login(UserFactory(**traits))

    assert client.get(reverse(name)).status_code == 403


def test_superusers_see_every_event(client, superuser, rows):
    client.force_login(superuser)

    assert statuses(client, rows, ["change"]) == expected({"change": 200})


def test_the_desk_asks_for_a_second_factor_when_the_site_wants_one(desk, settings):
    settings.REGIE_REQUIRES_MFA = True

    assert desk.get(reverse("admin:index")).url == reverse("mfa_index")


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%22%27%28%7C%26%21%3A*",
        "q=" + "%5B" * 2000,
        "q=%ED%A0%80",
        "p=-1",
        "p=99999999999999999999",
        "p=abc",
        "o=99.-1.abc",
        "state=%00",
        "state=nonsense",
        "event=%00",
        "tag=%00",
        "e=1",
        "all=",
        "_popup=1",
    ],
)
def test_no_address_makes_a_list_stumble(desk, rows, query):
    for model in MODELS:
        assert desk.get(f"{url(model, 'changelist')}?{query}").status_code in {200, 302, 400}


@pytest.mark.parametrize("query", ["title=%00", "owner__email__startswith=a", "guest_email=x"])
def test_free_look_ups_are_refused(desk, rows, query):
    assert desk.get(f"{url(Pitch, 'changelist')}?{query}").status_code == 400


@pytest.mark.parametrize("number", ["abc", "\x00", "9" * 40, "-1", "²"])
def test_an_action_on_something_that_is_no_row_is_refused(desk, rows, number):
    data = {"action": "hide", ACTION_CHECKBOX_NAME: number, "index": 0}

    for model in (Pitch, Proposal, Comment, Ban):
        assert desk.post(url(model, "changelist"), data).status_code == 400


@pytest.mark.parametrize("number", ["abc", "0", "9" * 40, "_00"])
def test_a_row_that_never_was_does_not_exist(desk, rows, number):
    for model in MODELS:
        for page in PAGES:
            assert desk.get(url(model, page, number)).status_code == 404
