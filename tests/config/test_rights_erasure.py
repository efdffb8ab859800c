"""Whoever leaves is gone: unusual values, planted by real verbs, are searched in all there is."""

import datetime as dt
import uuid
from pathlib import Path

import pghistory
import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext as _
from pghistory.models import Context

from comments import flags, following, likes, notifications, posting, visits
from comments.models import Ban, Comment, Outgoing
from comments.writers import Guest
from config import pages, rights
from config.lib import mail, records
from sessions import content, curation, decisions, interests, pitching
from sessions.models import Host, OrganiserNote, Pitch, Unavailability
from speakers import accounts, pictures
from speakers.models import User
from speakers.rights import NOBODY
from tests.config import dump
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    MembershipFactory,
    PasskeyFactory,
    PitchFactory,
    ProposalFactory,
    UserFactory,
)
from tests.factories.program import during, hour

NAME = "Zwirbelina Quastenfloh"
PLANTED = {
    "name": NAME,
    "slug": "quastenfloh-",
    "address": "zwirbelina@quasten.example",
    "second address": "floh@quasten.example",
    "unconfirmed address": "bald@quasten.example",
    "profile": "Züchtet Quasten seit 1974",
    "older profile": "Hat noch nichts gezüchtet",
    "organisation": "Quastenwerke Flohheim",
    "link": "https://quasten.example/zucht",
    "guest name": "Zwirbel Floh",
    "guest site": "https://floh.example/heim",
    "report": "Das kitzelt mich sehr",
    "draft": "Unfertige Quasten",
    "older title": "Quasten werden teurer",
    "older text": "Früher war mehr Lametta",
    "held comment": "Buy quasten at https://a.example and https://b.example",
    "older comment": "Ein Quastenvertipper",
    "browser": "6f3f0a7e-5c1c-4c7e-9a77-d3b0c7a5e111",
    "kept in a browser": "Getippt und nicht gesendet",
}
TEXTS = {
    "title": "Quastenpflege für alle",
    "text": "Wir bürsten gemeinsam, siehe https://buerste.example/floh",
    "tag": "quastenkunde",
    "abstract": "Zuerst wird gekämmt",
    "needs": "Siebzehn Kämme",
    "comment": "Bürsten hilft gegen Verfilzung",
    "answered comment": "Kämmen geht auch am Abend",
    "guest comment": "Als Gast kämme ich heimlich",
}


def written(code: str = "", **changes: str) -> content.Content:
    session = content.ProposalContent(abstract=TEXTS["abstract"], needs=TEXTS["needs"], code=code)
    words = {"title": TEXTS["title"], "body": TEXTS["text"], **changes}
    return content.Content(language="de", tags=(TEXTS["tag"],), proposals=(session,), **words)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def event(now):
    day = now.date() + dt.timedelta(days=40)
    return EventFactory(slug="floh", starts_on=day, ends_on=day)


@pytest.fixture
def ada(event, now):
    """Somebody else, with a pitch of her own, who takes part in everything."""
    ada = UserFactory(profile__name="Ada Other", email="ada@other.example")
    EmailAddress.objects.create(user=ada, email=ada.email, primary=True, verified=True)
    ada.own = ProposalFactory(pitch__event=event, pitch__owner=ada, pitch__title="Adas pitch").pitch
    return ada


@pytest.fixture
def leaver(event, ada, now):
    """Somebody who did all that can be done here, with an unusual word each time."""
    user = accounts.create(PLANTED["address"], name=NAME, language="de")
    with pghistory.context(user=user.pk, url="/account/"):
        _is_somebody(user)
        user.pitch = _pitches(user, event, ada, now)
        _discusses(user, ada, now)
        _takes_part(user, event, ada, now)
    _is_mailed(user, now)
    return user


def _is_somebody(user):
    for name, is_proven in (
        ("address", True),
        ("second address", True),
        ("unconfirmed address", 0),
    ):
        EmailAddress.objects.update_or_create(
            user=user, email=PLANTED[name], defaults={"verified": bool(is_proven)}
        )
    profile = user.profile
    profile.text = PLANTED["older profile"]
    profile.save()
    profile.text, profile.organisation = PLANTED["profile"], PLANTED["organisation"]
    profile.links = [PLANTED["link"]]
    pictures.replace(profile, ContentFile(b"RIFF picture"))
    PasskeyFactory(user=user, data={"name": NAME})
    Client().force_login(user)
    session = Client().session
    session["typed.comment"] = {"email": PLANTED["address"], "text": PLANTED["kept in a browser"]}
    session.save()


def _pitches(user, event, ada, now):
    draft = content.Content(title=PLANTED["draft"], body="…", language="de")
    pitching.create(event, by=user, content=draft, now=now)
    older = written(title=PLANTED["older title"], body=PLANTED["older text"])
    pitch = pitching.create(event, by=user, content=older, now=now)
    pitch = pitching.publish(pitch, by=user, now=now)
    session = pitch.proposals.get()
    pitching.edit(pitch, by=user, content=written(code=session.code), now=now)
    decisions.accept(session, by=ada)
    OrganiserNote.objects.create(pitch=pitch, author=ada, text=f"{NAME} asked for a big room")
    Outgoing.objects.create(pitch=pitch, target="https://buerste.example/floh")
    return Pitch.objects.select_related("event").get(pk=pitch.pk)


def _discusses(user, ada, now):
    pitch = Pitch.objects.select_related("event").get(pk=ada.own.pk)
    first = posting.post(pitch, by=user, body=PLANTED["older comment"], now=now).comment
    posting.edit(first, body=TEXTS["comment"], now=now)
    answered = posting.post(pitch, by=user, body=TEXTS["answered comment"], now=now).comment
    posting.post(pitch, by=ada, body="And in the morning?", parent=answered, now=now)
    posting.post(pitch, by=user, body=PLANTED["held comment"], now=now)
    guest = Guest(
        name=PLANTED["guest name"],
        email=PLANTED["second address"].title(),
        site=PLANTED["guest site"],
        visitor=uuid.UUID(PLANTED["browser"]),
    )
    held = posting.post(pitch, guest=guest, body=TEXTS["guest comment"], now=now).comment
    Comment.objects.filter(pk=held.pk).update(state="published", published_at=now)
    theirs = posting.post(user.pitch, by=ada, body="@Zwirbelina has a point", now=now).comment
    assert user.profile.slug in theirs.body_html
    likes.add(theirs, by=user)
    disliked = CommentFactory(pitch=pitch, author=ada)
    flags.add(disliked, by=user, reason="other", note=PLANTED["report"], now=now)
    following.mute(disliked, by=user)
    following.follow(pitch, by=user)
    visits.record(pitch, user=user, now=now)


def _takes_part(user, event, ada, now):
    interests.add(ada.own.proposals.get(), user=user)
    HostFactory(pitch=ada.own, person=user)
    MembershipFactory(event=event, user=user, role="moderator")
    Unavailability.objects.create(event=event, person=user, during=during(hour(1)))
    HostFactory(pitch=PitchFactory(event=event, owner=user, title="Ours"))
    curation.hide(PitchFactory(event=event), by=user)
    OrganiserNote.objects.create(pitch=ada.own, author=user, text="Needs a projector")
    Ban.objects.create(event=EventFactory(), user=user, note=f"{NAME} shouts", by=ada)
    Ban.objects.create(event=EventFactory(), user=UserFactory(), by=user)


def _is_mailed(user, now):
    """What was written is mailed to Ada, what she wrote to the one who leaves."""
    EmailAddress.objects.filter(user=user, email=user.email).update(primary=True)
    notifications.send_due(now + dt.timedelta(days=2))
    context = {"change": NAME}
    for name in ("address", "second address", "unconfirmed address"):
        mail.send("speakers/account_changed", to=PLANTED[name], language="de", context=context)


@pytest.fixture
def planted(leaver):
    return PLANTED | TEXTS | {"picture": Path(leaver.profile.picture.name).name}


def test_the_search_finds_what_was_planted(db, planted):
    assert dump.found(planted) == set(planted)


@pytest.mark.parametrize("keep", [False, True])
def test_nothing_leads_to_whoever_was_erased(
    db, leaver, planted, ada, now, keep, django_capture_on_commit_callbacks
):
    before = _of_others(ada)
    assert "pghistory.Context" in _references_to(leaver.pk)
    with (
        django_capture_on_commit_callbacks(execute=True),
        pghistory.context(user=leaver.pk, url="/account/erase/"),
    ):
        rights.erase(leaver, keep_comments=keep, keep_pitches=keep, now=now)
    assert dump.found(planted) == (set(TEXTS) if keep else set())
    assert _references_to(leaver.pk) == []
    assert _of_others(ada) == before
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as the commit does


def _references_to(pk):
    """Kept versions, too, have columns that name an account, and no constraint that could break."""
    columns = [
        (model, field.name)
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is User
    ]
    found = [
        f"{model._meta.label}.{name}"
        for model, name in columns
        if model._base_manager.filter(**{name: pk}).exists()
    ]
    if Context.objects.filter(metadata__user=pk).exists():
        found.append("pghistory.Context")
    return found


def _of_others(user):
    """All that another person has but what is said of the pitch that goes."""
    user = User.objects.get(pk=user.pk)
    gone = {"mails", "notes", "log", "comments", "comment_versions"}
    sections = [section for section in rights.exported(user) if section.key not in gone]
    comments = user.comments.order_by("pk").values_list("pk", "parent", "state", "body")
    return records.as_json(sections), list(comments)


@pytest.fixture
def author(event, now):
    """With a pitch, and comments elsewhere of which one was answered."""
    author = UserFactory(profile__name=NAME)
    author.pitch = ProposalFactory(pitch__event=event, pitch__owner=author).pitch
    author.other_pitch = PitchFactory(event=event)
    first = CommentFactory(pitch=author.other_pitch, author=author, body="First")
    CommentFactory(pitch=author.other_pitch, author=author, body="Second", parent=first)
    CommentFactory(parent=CommentFactory(parent=first, author=author, body="Third"), body="Hm")
    CommentFactory(pitch=author.other_pitch, author=author, body="Held", state="spam")
    return author


def test_tombstones_stay_where_somebody_answered_and_tell_nothing(db, author, now):
    rights.erase(author, keep_comments=False, keep_pitches=False, now=now)
    rows = author.other_pitch.comments.order_by("pk").values_list("state", "body", "depth")
    assert list(rows) == [("deleted", "", 0), ("deleted", "", 1), ("published", "Hm", 2)]


def test_comments_that_stay_have_no_name_and_what_nobody_saw_goes(db, author, now):
    rights.erase(author, keep_comments=True, keep_pitches=False, now=now)
    rows = author.other_pitch.comments.filter(author=None).order_by("pk")
    assert [row.body for row in rows] == ["First", "Second", "Third"]
    assert {row.written_as for row in rows} == {str(_("Somebody who has left"))}


def test_a_pitch_that_is_not_kept_leaves_the_wall_without_its_text(db, author, now):
    rights.erase(author, keep_comments=True, keep_pitches=False, now=now)
    pitch = Pitch.objects.get(pk=author.pitch.pk)
    assert (pitch.state, pitch.title, pitch.body) == ("withdrawn", "Withdrawn pitch", "")
    assert (pitch.owner.email, pitch.owner.is_active) == (NOBODY, False)
    assert [proposal.state for proposal in pitch.proposals.all()] == ["withdrawn"]
    assert Client().get(author.pitch.get_absolute_url()).status_code == 410


def test_a_pitch_that_is_kept_has_no_host(db, author, now):
    rights.erase(author, keep_comments=True, keep_pitches=True, now=now)
    html = Client().get(author.pitch.get_absolute_url()).content.decode()
    assert author.pitch.title in html
    assert "Somebody without an account" in html
    assert list(Host.objects.filter(pitch=author.pitch)) == []


def test_a_pitch_with_another_host_is_theirs(db, author, now):
    other = HostFactory(pitch=author.pitch).person
    rights.erase(author, keep_comments=False, keep_pitches=False, now=now)
    pitch = Pitch.objects.get(pk=author.pitch.pk)
    assert (pitch.owner, pitch.state, pitch.title) == (other, "public", author.pitch.title)


def test_an_address_that_nobody_confirmed_gives_no_right_to_what_a_guest_wrote(db, author, now):
    comment = CommentFactory(guest=True, guest_email="victim@example.org")
    EmailAddress.objects.create(user=author, email="victim@example.org", verified=False)
    rights.erase(author, keep_comments=False, keep_pitches=False, now=now)
    assert Comment.objects.get(pk=comment.pk).guest_email == "victim@example.org"


def test_erasing_twice_is_no_error(db, author, now):
    for _time in range(2):
        rights.erase(author, keep_comments=False, keep_pitches=False, now=now)


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_kept_is_not_served_any_more(settings, author, event, now):
    settings.KEEP_PAGES = True
    page = author.pitch.get_absolute_url()
    assert NAME in Client().get(page).content.decode()
    event.refresh_from_db()
    version = event.version
    rights.erase(author, keep_comments=True, keep_pitches=True, now=now)
    event.refresh_from_db()
    assert event.version > version  # tells the other processes
    assert list(pages.store._pages) == []
    assert NAME not in Client().get(page).content.decode()
