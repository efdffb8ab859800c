"""Follow a pitch without a word, mute it or a thread of it, and choose how often mail comes."""

import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from comments import following
from comments.models import Follow, Mute, Pace
from tests.comments.test_notifications import noted, person, write
from tests.factories import CommentFactory, PitchFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/comments/notices/"


@pytest.fixture
def pitch():
    return PitchFactory(title="Cork", event__slug="neo15")


@pytest.fixture
def fay():
    return person("fay@x.org")


@pytest.fixture
def member(client, fay):
    client.force_login(fay)
    return client


def url(name, row):
    return reverse(f"comments:{name}", args=[getattr(row, "code", row.pk)])


def states():
    return list(Follow.objects.order_by("pk").values_list("user__email", "state"))


def test_following_twice_is_following_once(member, pitch):
    for _again in range(2):
        response = member.post(url("follow", pitch))
        assert response.status_code == 303
        assert response["Location"] == f"{pitch.get_absolute_url()}#discussion"
    assert states() == [("fay@x.org", "following")]

    write(pitch)
    assert noted() == [("fay@x.org", "follow")]


def test_unfollowing_twice_leaves_nothing(member, fay, pitch):
    following.follow(pitch, by=fay)
    for _again in range(2):
        assert member.post(url("unfollow", pitch)).status_code == 303
    assert states() == []


def test_unfollowing_lifts_no_mute(member, fay, pitch):
    following.mute_pitch(pitch, by=fay)
    member.post(url("unfollow", pitch))
    assert states() == [("fay@x.org", "muted")]


def test_a_host_who_unfollows_hears_nothing_until_they_follow_again(client, pitch):
    client.force_login(pitch.owner)
    client.post(url("unfollow", pitch))
    assert states() == [(pitch.owner.email, "muted")]
    client.post(url("follow", pitch))
    assert states() == [(pitch.owner.email, "following")]


def test_any_comment_of_a_thread_mutes_the_whole_thread(member, fay, pitch):
    root = CommentFactory(pitch=pitch, author=fay)
    reply = CommentFactory(parent=root)
    for comment in (reply, root):
        response = member.post(url("mute", comment))
        assert response.status_code == 303
        assert response["Location"] == comment.get_absolute_url()
    assert [(mute.root, mute.user) for mute in Mute.objects.all()] == [(root, fay)]

    for comment in (reply, root):
        assert member.post(url("unmute", comment)).status_code == 303
    assert not Mute.objects.exists()


@pytest.fixture(params=["follow", "unfollow", "mute", "unmute"])
def verb(request, pitch):
    row = pitch if "follow" in request.param else CommentFactory(pitch=pitch)
    return url(request.param, row)


def test_a_verb_needs_a_log_in(client, verb):
    assert client.post(verb)["Location"] == f"/account/login/?next={verb}"
    assert states() == []


def test_a_verb_refuses_get(member, verb):
    assert member.get(verb).status_code == 405


def test_a_stranger_finds_nothing_to_follow_below_a_hidden_pitch(member, pitch, verb):
    type(pitch).objects.update(state="hidden")
    assert member.post(verb).status_code == 404


def test_a_verb_leads_back_to_where_it_was_clicked_but_nowhere_else(member, verb):
    assert member.post(verb, {"next": PAGE})["Location"] == PAGE
    assert "evil" not in member.post(verb, {"next": "https://evil.example/"})["Location"]


def test_htmx_gets_the_same_fragment(member, pitch):
    htmx = {"HX-Request": "true"}
    followed = member.post(url("follow", pitch), headers=htmx).content.decode()
    assert "Stop following" in followed
    assert 'id="follow"' in followed
    assert "Follow</button>" in member.post(url("unfollow", pitch), headers=htmx).content.decode()
    root = CommentFactory(pitch=pitch)
    muted = member.post(url("mute", root), headers=htmx).content.decode()
    assert f'action="{url("unmute", root)}"' in muted
    assert "Mute thread" in member.post(url("unmute", root), headers=htmx).content.decode()


def shown(pitch, follow):
    return render_to_string("comments/_follow.html", {"pitch": pitch, "follow": follow})


def test_a_reader_without_an_account_is_led_to_the_log_in_and_back(
    pitch, anonymous, django_assert_num_queries
):
    with django_assert_num_queries(0):
        fragment = shown(pitch, following.standing(pitch, anonymous))

    back = pitch.get_absolute_url()
    assert f'href="/account/login/?next={back}%23discussion"' in fragment
    assert "<form" not in fragment
    assert f'href="/neo15/pitches/{pitch.code}/comments.atom"' in fragment


def test_a_member_reads_what_they_hear_of_at_the_cost_of_one_query(
    pitch, fay, django_assert_num_queries
):
    root = CommentFactory(pitch=pitch)
    pitch = type(pitch).objects.with_hosts().select_related("event").get()

    def says(user):
        with django_assert_num_queries(1):
            standing = following.standing(pitch, user)
            return standing, shown(pitch, standing)

    assert "You get a mail when somebody replies to you." in says(fay)[1]
    following.follow(pitch, by=fay)
    following.mute(root, by=fay)
    standing, fragment = says(fay)
    assert "You get a mail about every comment." in fragment
    assert "Stop following" in fragment
    assert standing.muted_roots == {root.pk}
    following.mute_pitch(pitch, by=fay)
    assert "You get no mails about this discussion." in says(fay)[1]
    assert "No mails about this pitch" in says(pitch.owner)[1]
    following.mute_pitch(pitch, by=pitch.owner)
    assert "Mails about this pitch" in says(pitch.owner)[1]


def test_a_feed_is_offered_only_where_there_is_one(pitch, anonymous):
    pitch.state = "withdrawn"
    assert ".atom" not in shown(pitch, following.standing(pitch, anonymous))


@pytest.mark.parametrize("pace", Pace.Choice)
def test_a_member_chooses_how_often_mail_comes(member, fay, pace):
    for _again in range(2):
        assert member.post(PAGE, {"pace": pace})["Location"] == PAGE
    assert Pace.of(fay) == pace
    (chosen,) = re.findall(r'value="(\w+)"[^>]* checked', member.get(PAGE).content.decode())
    assert chosen == pace


@pytest.mark.parametrize("data", [{}, {"pace": "hourly"}, {"pace": "\x00"}])
def test_a_pace_that_is_none_is_refused_by_name(member, fay, data):
    response = member.post(PAGE, data)
    assert response.status_code == 422
    assert "Choose how often mails come." in response.content.decode()
    assert not Pace.objects.exists()


def test_the_page_needs_a_log_in(client):
    assert client.get(PAGE)["Location"] == f"/account/login/?next={PAGE}"


def test_the_account_leads_to_the_page(member):
    assert f'href="{PAGE}"' in member.get("/account/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_lists_what_is_followed_and_muted(member, fay, count, django_assert_num_queries):
    for number in range(count):
        following.follow(PitchFactory(title=f"Followed {number}"), by=fay)
        following.mute_pitch(PitchFactory(title=f"Muted {number}"), by=fay)
        root = CommentFactory(pitch__title=f"Thread {number}", author__profile__name="Jo")
        following.mute(root, by=fay)
    following.follow(PitchFactory(title="Secret", hidden=True), by=fay)
    following.follow(PitchFactory(title="Another's"), by=UserFactory())

    with django_assert_num_queries(6):
        page = member.get(PAGE).content.decode()

    assert page.count('/unfollow/"') == page.count('/follow/"') == page.count('/unmute/"') == count
    assert f"Followed {count - 1}" in page
    assert f"Thread of Jo on “Thread {count - 1}”" in page
    assert "Secret" not in page
    assert "Another" not in page
