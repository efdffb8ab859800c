"""Long discussions: every page is small, and together they hold every comment once."""

import re
from collections import Counter
from urllib.parse import parse_qsl

import pgtrigger
import pytest
from django.db import connection
from django.urls import reverse

from comments import paging
from comments.models import Comment
from comments.readers import Line
from tests.factories import CommentFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

ENTRY = re.compile(r'<li class="comment [^>]*id="comment-(\d+)"')


class Wall:
    """A discussion without a database; ids rise in the order of writing."""

    def __init__(self, shape):
        self.paths, self.likes = {}, {}
        self.add(*shape)

    def add(self, *shape):
        """``shape`` says of each new comment which one it answers, counted from 0, or None."""
        for answered in shape:
            pk = len(self.paths) + 1
            self.paths[pk] = (*(self.paths[answered + 1] if answered is not None else ()), pk)

    @property
    def rows(self):
        for pk, path in sorted(self.paths.items(), key=lambda item: item[1]):
            parent, root = (path[-2], path[0]) if len(path) > 1 else (None, None)
            likes = self.likes.get(pk, 0)
            yield Line(pk, parent, root, "published", None, None, NOW, likes)

    def page(self, query):
        return paging.part(list(self.rows), paging.asked(dict(parse_qsl(query))))

    def walk(self, query="", *, between=lambda: None):
        """Every page from one on, and what belongs to its threads elsewhere."""
        waiting, pages = [query], []
        while waiting:
            pages.append(page := self.page(waiting.pop(0)))
            if page.next is not None:
                waiting.append(page.next)
            for branch in page.branches:
                if branch.further:
                    root, last = branch.rows[0], branch.rows[-1]
                    waiting.append(f"branch={root.pk}&after={last.pk}")
            between()
        return pages


def talk(number, *, roots):
    """So many comments, of which every ``number // roots``-th begins a thread."""
    size = number // roots
    return [None if at % size == 0 else at - at % size for at in range(number)]


def sizes(pages):
    return [len(list(page.rows)) for page in pages]


def seen(pages):
    return Counter(row.pk for page in pages for row in page.rows)


@pytest.mark.parametrize("order", paging.ORDERS)
@pytest.mark.parametrize(
    "shape",
    [
        [None] * 500,
        talk(1_000, roots=200),
        talk(1_000, roots=25),
        [None, *[0] * 900],
        [None, *range(300), *[None] * 100],
        [*[None] * 30, *[7] * 250, *[9] * 500, *[15] * 5],
    ],
)
def test_every_comment_stands_on_one_page_once_while_others_are_added(order, shape):
    wall = Wall(shape)
    wall.likes = {pk: pk % 3 for pk in range(1, 400)}

    pages = wall.walk(f"order={order}", between=lambda: wall.add(None, 0, None))

    found = seen(pages)
    assert [found[pk] for pk in range(1, len(shape) + 1)] == [1] * len(shape)
    assert set(found.values()) == {1}


def test_pages_hold_twenty_to_fifty_threads():
    assert [len(page.branches) for page in Wall([None] * 201).walk()] == [50, 50, 50, 50, 1]
    assert [len(page.branches) for page in Wall(talk(1_000, roots=100)).walk()] == [20] * 5
    assert [len(page.branches) for page in Wall(talk(900, roots=150)).walk()] == [
        33,
        33,
        33,
        33,
        18,
    ]


def test_no_page_is_long_however_long_a_thread_is():
    assert sizes(Wall([None, *[0] * 4_999]).walk()) == [201, *[200] * 23, 199]
    assert sizes(Wall([None, *range(499)]).walk()) == [201, 200, 99]
    many_long_ones = Wall(talk(1_500, roots=25)).walk()
    assert max(sizes(many_long_ones)) <= paging.ENTRIES_MAX
    assert many_long_ones[0].branches[0].further == 40


def test_pages_lead_back_to_where_they_came_from():
    wall = Wall(talk(600, roots=150))
    pages = wall.walk()

    assert [page.previous is None for page in pages] == [True, False, False]
    assert [list(wall.page(page.previous).rows) for page in pages[1:]] == [
        list(page.rows) for page in pages[:-1]
    ]


@pytest.mark.parametrize("order", paging.ORDERS)
def test_only_roots_are_ordered_anew(order):
    wall = Wall([None, 0, None, 2, 0, None])
    wall.likes = {3: 1, 5: 9}

    rows = [row.pk for row in wall.page(f"order={order}").rows]

    assert (
        rows
        == {
            "older": [1, 2, 5, 3, 4, 6],
            "newer": [6, 3, 4, 1, 2, 5],
            "liked": [3, 4, 1, 2, 5, 6],
        }[order]
    )


@pytest.mark.parametrize(
    "query",
    [
        "order=worst",
        "order=",
        "after=x",
        "after=0-1",
        "order=liked&after=5",
        "after=99999999999999999999",
        "after=201",
        "after=²",
        "branch=0",
        "branch=1",
        "branch=1&after=1",
        "comment=0",
        "comment=1e9",
        "comment=9999",
        "reply_to=-1",
    ],
)
def test_what_makes_no_sense_in_an_address_gives_the_first_page(query):
    rows = [row.pk for row in Wall([None] * 201).page(query).rows]

    assert rows == list(range(1, 51))


@pytest.mark.parametrize("pk", [1, 2, 50, 51, 201, 202, 700, 1_000])
def test_a_comment_stands_on_the_page_that_is_asked_for_it(pk):
    one_thread, threads = Wall([None, *[0] * 999]), Wall(talk(1_000, roots=200))

    for wall in (one_thread, threads):
        pages = wall.walk()
        page = wall.page(f"order=newer&comment={pk}")
        assert list(page.rows) in [list(other.rows) for other in pages]
        assert pk in {row.pk for row in page.rows}


def test_a_page_of_a_thread_begins_anew_when_nobody_knows_where_it_ended():
    wall = Wall([None, *[0] * 500])
    assert next(wall.page("branch=1&after=201").rows).pk == 202

    del wall.paths[201]
    assert next(wall.page("branch=1&after=201").rows).pk == 2


def write(pitch, shape):
    """The same in the database, in bulk and without a history."""
    author = UserFactory()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('comments_comment', 'id'))"
            " FROM generate_series(1, %s)",
            [len(shape)],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    rows = []
    for pk, answered in zip(ids, shape, strict=True):
        parent = None if answered is None else rows[answered]
        rows.append(
            Comment(
                pk=pk,
                pitch=pitch,
                author=author,
                parent=parent,
                root=parent and (parent.root or parent),
                depth=parent.depth + 1 if parent else 0,
                path=[*(parent.path if parent else ()), pk],
                body_html="<p>A comment of the length that most of them have on such a wall.</p>"
                * 3,
                published_at=NOW,
            )
        )
    with pgtrigger.ignore():
        return Comment.objects.bulk_create(rows)


def entries(page):
    return [int(pk) for pk in ENTRY.findall(page)]


@pytest.fixture
def look(client, db):
    return lambda url: client.get(url).content.decode()


def test_up_to_two_hundred_comments_stand_on_one_page_and_then_on_several(look):
    pitch = PitchFactory()
    address = pitch.get_absolute_url()
    written = write(pitch, talk(200, roots=50))
    assert entries(look(address)) == [comment.pk for comment in written]
    assert 'rel="next"' not in look(address)

    written += write(pitch, [None])
    first = look(address)
    (after,) = re.findall(r'<link rel="next" href="([^"]+)">', first)
    second = look(after)

    assert entries(first) + entries(second) == [comment.pk for comment in written]
    assert f'rel="next" href="?{after.partition("?")[2]}#discussion"' in first
    assert f'<link rel="prev" href="{address}">' in second
    assert f'rel="prev" href="{address}#discussion"' in second
    assert '<h2 id="discussion-title">201 comments</h2>' in second


def test_a_page_of_a_thousand_comments_is_small_and_asks_ten_times(look, django_assert_num_queries):
    pitch = PitchFactory()
    write(pitch, talk(1_000, roots=50))

    with django_assert_num_queries(10):
        page = look(pitch.get_absolute_url())

    assert len(entries(page)) == 400
    assert len(page.encode()) < 600_000


def test_five_thousand_comments_in_one_thread_go_on_at_pages_of_their_own(
    look, django_assert_num_queries
):
    pitch = PitchFactory()
    written = write(pitch, [None, *[0] * 4_999])

    with django_assert_num_queries(10):
        first = look(pitch.get_absolute_url())
    (further,) = re.findall(r'href="(\?branch[^"#]+)#discussion">4799 further replies', first)
    last = look(written[-1].get_absolute_url())

    assert len(entries(first)) == 201
    assert further == f"?branch={written[0].pk}&amp;after={written[200].pk}"
    assert written[-1].pk in entries(last)
    assert "Back to the whole discussion" in last
    assert "Back to the whole discussion" not in first


def test_a_permalink_leads_to_the_page_of_its_thread_in_one_redirect(client, db):
    pitch = PitchFactory()
    comment = write(pitch, [None] * 201)[150]

    response = client.get(reverse("comments:permalink", args=[comment.pk]), follow=True)

    page = response.content.decode()
    target = f'id="comment-{comment.pk}" tabindex="-1" data-focus>'
    assert [url for url, _status in response.redirect_chain] == [comment.get_absolute_url()]
    assert comment.get_absolute_url().endswith(f"?comment={comment.pk}#comment-{comment.pk}")
    assert f'<li class="comment level-0 is-new" {target}' in page
    assert page.count("data-focus") == 1


def test_a_permalink_unfolds_the_thread(look):
    pitch = PitchFactory()
    written = write(pitch, [None, *[0] * 30, None])

    def details(comment):
        return re.findall(r'<details class="fold"( open)?>', look(comment.get_absolute_url()))

    assert details(written[30]) == [" open"]
    assert details(written[3]) == [""]
    assert details(written[31]) == [""]


def test_the_answer_form_opens_on_the_page_of_the_comment_and_takes_the_focus(client, db):
    pitch = PitchFactory()
    comment = write(pitch, [None] * 201)[150]

    response = client.get(reverse("comments:reply", args=[comment.pk]), follow=True)

    page = response.content.decode()
    assert f'<input type="hidden" name="parent" value="{comment.pk}">' in page
    assert page.count("data-focus") == 1


def test_replies_on_a_page_of_a_thread_lead_to_what_they_answer_elsewhere(look):
    pitch = PitchFactory()
    written = write(pitch, [None, *range(299)])

    page = look(written[201].get_absolute_url())

    elsewhere, here = written[200].pk, written[201].pk
    deep = '<a class="reply-to is-deep" href="'
    assert f'{deep}?comment={elsewhere}#comment-{elsewhere}">' in page
    assert f'{deep}#comment-{here}">' in page
    assert f'href="{reverse("comments:permalink", args=[written[0].pk])}"' in page


@pytest.mark.parametrize("state", ["awaiting_email", "awaiting_moderation"])
def test_the_permalink_of_a_held_comment_exists_for_its_author_alone(client, db, state):
    held = CommentFactory(state=state)
    url = reverse("comments:permalink", args=[held.pk])

    assert client.get(url).status_code == 404
    client.force_login(UserFactory())
    assert client.get(url).status_code == 404
    client.force_login(held.author)
    assert client.get(url).status_code == 302
