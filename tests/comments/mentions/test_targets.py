"""Which addresses mean which pitch."""

import pytest

from comments.mentions import targets
from comments.mentions.targets import Foreign, NotATarget, Target
from tests.factories import EventFactory, PitchFactory, ProposalFactory

pytestmark = pytest.mark.django_db

SITE = "http://testserver"


@pytest.fixture
def pitch():
    return PitchFactory(event__slug="neo15", code="abc234", title="Money")


FORMS = (
    "/neo15/pitches/abc234-money/",
    "/neo15/pitches/abc234-money",
    "/neo15/pitches/abc234-old-title/",
    "/neo15/pitches/abc234/",
    "/neo15/pitches/abc234/?order=new#comment-5",
    "/neo15/pitches/abc234-money/#discussion",
    "/s/abc234/",
    "/s/abc234",
)


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("site", [SITE, "https://testserver", "HTTP://TESTSERVER:80"])
def test_every_form_of_its_address_means_a_pitch(pitch, site, path):
    assert targets.find(site + path) == pitch
    assert Target.of(pitch).is_meant_by(site + path)


def test_the_short_link_of_a_session_means_its_pitch(pitch):
    session = ProposalFactory(pitch=pitch)
    assert targets.find(f"{SITE}/s/{session.code}/") == pitch
    assert Target.of(pitch).is_meant_by(f"{SITE}/s/{session.code}/")
    assert not Target.of(pitch).is_meant_by(f"{SITE}/neo15/pitches/{session.code}/")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/neo15/",
        "/neo15/pitches/",
        "/neo15/pitches/abc234-money/more/",
        "/neo15/pitches/abc234-moneyabc/x",
        "/neo15/pitches/abc2345/",
        "/neo15/pitches/abc234/edit/",
        "/other/pitches/abc234/",
        "//neo15/pitches/abc234/",
        "/s/abc235/",
        "/webmention?/neo15/pitches/abc234/",
        "/#/neo15/pitches/abc234/",
    ],
)
def test_other_pages_of_the_site_mean_no_pitch(pitch, path):
    with pytest.raises(NotATarget):
        targets.find(SITE + path)
    assert not Target.of(pitch).is_meant_by(SITE + path)


@pytest.mark.parametrize(
    "site",
    [
        "http://example.org",
        "http://testserver:8000",
        "http://testserver.example.org",
        "http://testserver@example.org",
        "http://testserver.",
        "//testserver",
        "ftp://testserver",
        "javascript://testserver",
        "",
        "\x00",
        "http://testserver/\ud800",
        "http://[",
    ],
)
def test_the_address_of_another_site_means_no_pitch(pitch, site):
    with pytest.raises(Foreign):
        targets.find(f"{site}/neo15/pitches/abc234-money/")
    assert not Target.of(pitch).is_meant_by(f"{site}/neo15/pitches/abc234-money/")


@pytest.mark.parametrize("trait", ["draft", "hidden", "withdrawn"])
def test_a_pitch_that_is_not_public_is_not_found(trait):
    pitch = PitchFactory(**{trait: True})
    with pytest.raises(NotATarget):
        targets.find(SITE + pitch.get_absolute_url())
    with pytest.raises(NotATarget):
        targets.find(f"{SITE}/s/{pitch.code}/")


def test_a_pitch_of_an_event_that_is_not_public_is_not_found():
    pitch = PitchFactory(event=EventFactory(draft=True))
    with pytest.raises(NotATarget):
        targets.find(SITE + pitch.get_absolute_url())
