"""The public profile and the form for one's own."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from speakers.models import User
from tests.factories import EventFactory, PitchFactory, UserFactory
from tests.speakers.pictures import a_picture

pytestmark = pytest.mark.django_db

EDIT = reverse("speakers:profile_edit")


@pytest.fixture
def aylin():
    return UserFactory(profile__name="Aylin Kaya", language="de")


@pytest.fixture
def as_aylin(client, aylin):
    client.force_login(aylin)
    return client


def typed(**changed):
    return {
        "name": "Aylin Kaya", "organisation": "Genossenschaft", "text": "Ich mag *Geld*.",
        "links": "aylin.example\n\nhttps://social.example/@aylin", "language": "en",
    } | changed  # fmt: skip


def test_profile_shows_everyone_who_this_is(client, aylin):
    profile = aylin.profile
    profile.text, profile.organisation = "Ich mag *Geld* <script>", "Genossenschaft"
    profile.links = ["https://www.aylin.example/über"]
    profile.save()
    response = client.get(profile.get_absolute_url())
    page = response.content.decode()
    assert "<h1>Aylin Kaya</h1>" in page
    assert "<em>Geld</em> &lt;script&gt;" in page
    assert 'rel="me nofollow ugc noopener">aylin.example</a>' in page
    assert "Set-Cookie" not in response.headers


def test_profile_shows_no_mail_address(client, aylin):
    assert aylin.email not in client.get(aylin.profile.get_absolute_url()).content.decode()


def test_profile_of_a_closed_account_is_gone(client, aylin):
    User.objects.update(is_active=False)
    assert client.get(aylin.profile.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_profile_asks_the_same_number_of_queries_for_any_number_of_pitches(
    client, aylin, count, django_assert_num_queries
):
    PitchFactory.create_batch(count, owner=aylin)
    with django_assert_num_queries(2):
        client.get(aylin.profile.get_absolute_url())


def test_profile_lists_public_pitches_only(client, aylin):
    PitchFactory(owner=aylin, title="Seen", published_at=timezone.now())
    PitchFactory(owner=aylin, title="Unripe", draft=True)
    PitchFactory(owner=aylin, title="Hidden", hidden=True)
    PitchFactory(owner=aylin, title="Secret", event=EventFactory(draft=True))
    page = client.get(aylin.profile.get_absolute_url()).content.decode()
    titles = [title for title in ("Seen", "Unripe", "Hidden", "Secret") if title in page]
    assert titles == ["Seen"]


def test_profile_edit_saves_what_was_typed(as_aylin, aylin):
    response = as_aylin.post(EDIT, typed())
    assert response.url == aylin.profile.get_absolute_url()
    aylin = User.objects.get(pk=aylin.pk)
    assert aylin.language == "en"
    assert aylin.profile.organisation == "Genossenschaft"
    assert aylin.profile.links == ["https://aylin.example", "https://social.example/@aylin"]


def test_profile_edit_needs_log_in(client):
    assert client.get(EDIT).url == f"{reverse('account_login')}?next={EDIT}"


def test_profile_edit_changes_nobody_else(as_aylin):
    other = UserFactory(profile__name="Bela")
    as_aylin.post(EDIT, typed(user=other.pk, id=other.profile.pk, slug=other.profile.slug))
    other.profile.refresh_from_db()
    assert other.profile.name == "Bela"


def test_profile_edit_writes_nothing_on_get(as_aylin, aylin):
    as_aylin.get(EDIT, typed(name="Somebody"))
    aylin.profile.refresh_from_db()
    assert aylin.profile.name == "Aylin Kaya"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "\x00"),
        ("name", "x" * 81),
        ("text", "x" * 2001),
        ("links", "javascript://alert(1)"),
        ("links", "https://[::1"),
        ("links", "\n".join("abcdef")),
        ("links", f"https://a.example/{'x' * 300}"),
        ("language", "tlh"),
    ],
)
def test_profile_edit_shows_the_error_and_what_was_typed(as_aylin, aylin, field, value):
    response = as_aylin.post(EDIT, typed(**{field: value}))
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {field}
    assert "Ich mag *Geld*." in response.content.decode() or field == "text"
    aylin.profile.refresh_from_db()
    assert (aylin.profile.name, aylin.profile.links) == ("Aylin Kaya", [])


@pytest.mark.parametrize("text", ["[" * 2000, "\x00\x07", "\u202e", "> " * 900])
def test_strange_text_is_kept_clean_and_shown(as_aylin, aylin, text):
    assert as_aylin.post(EDIT, typed(text=text)).status_code == 302
    assert as_aylin.get(aylin.profile.get_absolute_url()).status_code == 200


def test_profile_edit_makes_the_profile_of_an_account_from_the_command_line(client):
    client.force_login(User.objects.create_superuser("root@example.org", "secret"))
    assert client.get(EDIT).context["form"].initial["name"] == "root"


def test_picture_is_shown_replaced_and_removed(as_aylin, aylin, django_capture_on_commit_callbacks):
    profile = aylin.profile

    def save(**changed):
        with django_capture_on_commit_callbacks(execute=True):
            response = as_aylin.post(EDIT, typed(**changed))
        assert response.status_code == 302
        profile.refresh_from_db()
        return profile.picture.name

    upload = SimpleUploadedFile("../../evil.svg", a_picture("PNG"), "image/png")
    first = save(picture=upload)
    assert first.startswith("people/")
    assert first.endswith(".webp")
    assert profile.picture.url in as_aylin.get(profile.get_absolute_url()).content.decode()
    second = save(picture=SimpleUploadedFile("b.jpg", a_picture("JPEG")))
    storage = profile.picture.storage
    assert not storage.exists(first)
    assert storage.exists(second)
    assert save() == second
    assert save(remove_picture="on") == ""
    assert not storage.exists(second)


def test_refused_picture_is_named_beside_its_field(as_aylin):
    upload = SimpleUploadedFile("me.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    response = as_aylin.post(EDIT, typed(picture=upload))
    assert set(response.context["form"].errors) == {"picture"}
