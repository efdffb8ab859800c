"""The numbers of an event in the desk, drawn as SVG, each with a table behind it."""

from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from sessions import charts, numbers
from sessions.admin.event_pages import EventPages
from sessions.charts import Amount
from sessions.models import Proposal

NAME = "program_event_numbers"


class NumbersMixin(EventPages):
    """Mounts the page in an event's admin, whose ``get_object`` is the door: 404 for strangers."""

    def get_urls(self):
        return self.mount("numbers", {"": (self.numbers_view, NAME)}) + super().get_urls()

    @method_decorator(require_safe)
    def numbers_view(self, request, object_id):
        """13 queries with the log-in's three, whatever there is to count."""
        event = self.get_object(request, object_id)
        over_time = numbers.over_time(event)
        programme = numbers.programme(event)
        draft, published = programme.coverages
        context = {
            **self.page_context(request, event, title=_("Numbers")),
            "over_time": _over_time(over_time),
            "formats": _formats(numbers.by_format(event)),
            "tags": _tags(numbers.by_tag(event)),
            "rooms": _rooms(numbers.loads(programme.draft)),
            "draft": draft and (draft, _shares(draft)),
            "published": published and (published, _shares(published)),
        }
        return TemplateResponse(request, "admin/program/event/numbers.html", context)


def _over_time(counted):
    """A line for each that has any, all over the same days; nothing without a single one."""
    if not counted.days:
        return []
    span = {"first": min(counted.days), "last": max(counted.days)}
    n = _sum(counted.pitches)
    said = ngettext("%(n)d pitch on the wall", "%(n)d pitches on the wall", n) % {"n": n}
    lines = [(said, counted.pitches)]
    n = _sum(counted.comments)
    lines.append((ngettext("%(n)d comment", "%(n)d comments", n) % {"n": n}, counted.comments))
    n = _sum(counted.interest)
    said = ngettext("%(n)d “I’m interested”", "%(n)d times “I’m interested”", n) % {"n": n}
    lines.append((said, counted.interest))
    return [(said, charts.line(rows, **span)) for said, rows in lines if rows]


def _sum(rows):
    return sum(number for _day, number in rows)


def _formats(wanted):
    amounts = [
        Amount(str(Proposal.Format(each.key).label), each.people, tone=each.key) for each in wanted
    ]
    return list(zip(wanted, amounts, strict=True)), charts.bars(amounts)


def _tags(wanted):
    amounts = [Amount(f"#{each.key}", each.people) for each in wanted]
    return list(zip(wanted, amounts, strict=True)), charts.bars(amounts)


def _rooms(loads):
    used = [load for load in loads if load.placed]
    return used, charts.bars(
        [Amount(load.room.name, load.most, mark=load.room.capacity) for load in used]
    )


def _shares(coverage):
    return charts.bars(
        [
            Amount(_("all of their wishes"), coverage.every),
            Amount(_("at least half"), coverage.most),
            Amount(_("fewer than half"), coverage.some),
            Amount(_("none"), coverage.none),
        ]
    )
