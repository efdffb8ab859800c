"""The planner in the desk: ask it, look at what it suggests, take it over wholly or in part.

Works with plain forms; where a plan takes longer, its page asks again by itself with htmx and
has a link that does the same.
"""

from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from sessions.admin.event_pages import EventPages
from sessions.forms.plan import PlanForm, SuggestForm, TakeForm
from sessions.models import Event, PlanDraft
from sessions.scheduling import conflicts as rules
from sessions.scheduling import fitting, grid, moves, planning, plans, takeover
from sessions.scheduling.conflicts import Conflict
from sessions.scheduling.fitting import Refusal, Sorted
from sessions.scheduling.plans import Missed, Shift, Suggestion
from speakers.models import Profile

NAME = "program_event_plan"
REFUSED = 422
MOST_MISSED = 10


@dataclass(frozen=True)
class Shown:
    """A finished suggestion beside the draft as it is now; ``outcome`` is what was just tried."""

    suggestion: Suggestion
    grid: grid.Grid
    outcome: Sorted | None = None

    @cached_property
    def sorted(self) -> Sorted:
        return fitting.sort_out(self.grid, self.suggestion.shifts)

    @cached_property
    def rows(self) -> list[tuple[Shift, Refusal | None]]:
        """Every shift; what was just refused says so, though it might do together with others."""
        refused = {one.shift.code: one for one in self.sorted.refused}
        for one in self.outcome.left_out if self.outcome else ():
            refused.setdefault(one.shift.code, one)
        return [(shift, refused.get(shift.code)) for shift in self.suggestion.shifts]

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """What would not fit on the board with all that can still be taken over."""
        return rules.conflicts(fitting.applied(self.grid, self.sorted.fit))

    @property
    def hard(self) -> tuple[Conflict, ...]:
        return rules.hard(self.conflicts)

    @property
    def soft(self) -> tuple[Conflict, ...]:
        return rules.soft(self.conflicts)

    @property
    def unknown(self) -> int:
        """Sessions that wait now and did not when the plan was made."""
        known = {row.code for row in (*self.suggestion.shifts, *self.suggestion.left_over)}
        return sum(session.code not in known for session in self.grid.unplaced)

    @property
    def is_worse(self) -> bool:
        return self.suggestion.percent < self.suggestion.percent_now

    @property
    def most_missed(self) -> tuple[Missed, ...]:
        return self.suggestion.missed[:MOST_MISSED]

    @cached_property
    def losing(self) -> list[tuple[str, list[str]]]:
        """Names and the titles of what they lose, by name; one query."""
        titles = {missed.code: missed.title for missed in self.suggestion.missed}
        names = Profile.objects.filter(user__in=self.suggestion.losing)
        return [
            (name, [titles[code] for code in self.suggestion.losing[pk]])
            for pk, name in names.order_by("name", "pk").values_list("user_id", "name")
        ]


class PlanMixin(EventPages):
    """Mounts the planner in an event's admin, whose ``get_object`` is the door."""

    def get_urls(self):
        views = {
            "": (self.plan_view, NAME),
            "suggest/": (self.plan_suggest_view, f"{NAME}_suggest"),
            "take/": (self.plan_take_view, f"{NAME}_take"),
        }
        return self.mount("plan", views) + super().get_urls()

    @method_decorator(require_safe)
    def plan_view(self, request, object_id):
        event = self.get_object(request, object_id)
        form = PlanForm(request.GET, event=event)
        if not form.is_valid():
            raise Http404
        draft = form.cleaned_data["plan"] or event.plans.newest_first().first()
        return self._plan(request, event, draft)

    @method_decorator(require_POST)
    def plan_suggest_view(self, request, object_id):
        event = self.get_object(request, object_id)
        form = SuggestForm(request.POST)
        if not form.is_valid():
            draft = event.plans.newest_first().first()
            return self._plan(request, event, draft, refused=form.first_error(), status=REFUSED)
        draft = planning.suggest(event, **form.cleaned_data, by=request.user, now=timezone.now())
        return redirect(f"{_url(event)}?plan={draft.pk}")

    @method_decorator(require_POST)
    def plan_take_view(self, request, object_id):
        event = self.get_object(request, object_id)
        form = TakeForm(request.POST, event=event)
        if not form.is_valid():
            draft = form.cleaned_data.get("plan") or event.plans.newest_first().first()
            return self._plan(request, event, draft, refused=form.first_error(), status=REFUSED)
        draft, ticked = form.cleaned_data["plan"], set(form.cleaned_data["take"])
        suggestion = plans.from_json(draft.result)
        shifts = [shift for shift in suggestion.shifts if shift.code in ticked]
        try:
            outcome = takeover.take_over(event, shifts, by=request.user, now=timezone.now())
        except moves.Refused as error:
            return self._plan(request, event, draft, refused=str(error), status=REFUSED)
        if outcome.left_out:
            status = 200 if outcome.fit else REFUSED
            return self._plan(request, event, draft, outcome=outcome, status=status)
        messages.success(request, _said(outcome))
        return redirect(reverse("admin:program_event_board", args=[event.pk]))

    def _plan(
        self,
        request: HttpRequest,
        event: Event,
        draft: PlanDraft | None,
        *,
        status: int = 200,
        **context,
    ) -> HttpResponse:
        shown = grid.load(event)
        done = draft is not None and draft.state == PlanDraft.State.DONE
        outcome = context.get("outcome")
        modes = PlanDraft.Mode
        mode = modes.FILL if shown.unplaced else modes.IMPROVE
        initial = {"mode": draft.mode if draft else mode, "seed": draft.seed if draft else 0}
        context = {
            "event": event,
            "original": event,
            "opts": self.opts,
            "grid": shown,
            "draft": draft,
            "percent": draft.percent(timezone.now()) if draft else 0,
            "plan": Shown(plans.from_json(draft.result), shown, outcome) if done else None,
            "form": SuggestForm(initial=initial),
            "plan_url": _url(event),
            **context,
        }
        template = "_plan.html" if request.htmx else "plan.html"
        if not request.htmx:
            context |= {**self.admin_site.each_context(request), "title": _("Suggestion")}
        return TemplateResponse(request, f"admin/program/event/{template}", context, status=status)


def _url(event: Event) -> str:
    return reverse(f"admin:{NAME}", args=[event.pk])


def _said(outcome: Sorted) -> str:
    number = len(outcome.fit)
    if not number:
        return _("What you ticked is on the board already.")
    said = ngettext(
        "%(n)d session has its place. One undo takes that back.",
        "%(n)d sessions have their places. One undo takes all of that back.",
        number,
    )
    return said % {"n": number}
