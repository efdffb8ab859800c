from django.urls import reverse


def tabs(response):
    return {str(tab["label"]): tab["is_current"] for tab in response.context["tabs"]}


def test_page_of_an_event_leads_to_the_others_and_says_which_one_it_is(desk, event):
    change = tabs(desk.get(reverse("admin:program_event_change", args=[event.pk])))
    board = tabs(desk.get(reverse("admin:program_event_board", args=[event.pk])))

    assert [label for label, is_current in change.items() if is_current] == ["Settings"]
    assert [label for label, is_current in board.items() if is_current] == ["Board"]
    assert list(change) == list(board)


def test_new_event_has_no_pages_yet(client, superuser):
    client.force_login(superuser)

    assert "tabs" not in client.get(reverse("admin:program_event_add")).context
