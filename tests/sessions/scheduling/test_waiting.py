"""The waiting sessions in the order, and with the filters, that an organiser chose."""

import pytest

from sessions.scheduling.grid import Person, Session
from sessions.scheduling.waiting import Choice

FAX = Session(
    1, "fax", "Hoch lebe das Fax", "impuls", 45, hosts=(Person(1, "Jörg Müßig"),),
    tags=("Büro", "Technik"), interested=frozenset({1}),
)  # fmt: skip
BROT = Session(2, "brot", "Brot von gestern", "workshop", 90, interested=frozenset({1, 2}))
APP = Session(3, "app", "App ohne Netz", "impuls", 45, tags=("Technik",))
ALL = (FAX, BROT, APP)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("interest", (BROT, FAX, APP)),
        ("title", (APP, BROT, FAX)),
        ("format", (FAX, APP, BROT)),
        ("newest", (APP, BROT, FAX)),
    ],
)
def test_waiting_sessions_stand_in_the_order_that_was_chosen(sort, order):
    assert Choice(sort=sort).of(ALL) == order


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"format": "impuls"}, (FAX, APP)),
        ({"tag": "Büro"}, (FAX,)),
        ({"q": "TECHNIK"}, (FAX, APP)),
        ({"q": "müssig lebe"}, (FAX,)),
        ({"q": "fax brot"}, ()),
        ({"format": "impuls", "q": "netz"}, (APP,)),
    ],
)
def test_filters_leave_what_fits_all_of_them(chosen, left):
    assert Choice(**chosen).of(ALL) == left


def test_address_says_only_what_was_chosen():
    assert Choice().query == ""
    assert Choice(sort="title", q="a&b").query == "sort=title&q=a%26b"
