"""The review of an event in the desk: its sessions as a list, and one pitch after the other.

What is decided here is prepared: only organisers see it until it is announced.
"""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from config.lib.http import next_url
from config.lib.text import render_markdown
from sessions import decisions, likeness, review
from sessions.admin import review_columns as columns
from sessions.admin.event_pages import EventPages
from sessions.forms.review import DecisionForm, FilterForm, NoteForm, VoteForm
from sessions.models import Event, Pitch, Proposal, SavedFilter, Vote
from sessions.review import Row

NAME = "program_event_review"
REFUSED = 422
State = Proposal.State

BUTTONS = {
    State.ACCEPTED: ("a", gettext_lazy("Accept")),
    State.WAITLISTED: ("w", gettext_lazy("Waiting list")),
    State.DECLINED: ("d", gettext_lazy("Decline")),
}
VOTES = {Vote.Value.FOR: "+", Vote.Value.NEITHER: "0", Vote.Value.AGAINST: "-"}


class ReviewMixin(EventPages):
    """Mounts the review in an event's admin, whose ``get_object`` is the door: 404 for strangers.

    The list asks 7 queries and the page of a pitch 10, the log-in's three among them, however
    many sessions there are; words that are looked for cost one more.
    """

    def get_urls(self):
        views = {
            "": (self.review_view, NAME),
            "undo/": (self.review_undo_view, f"{NAME}_undo"),
            "filters/": (self.review_filter_view, f"{NAME}_filter"),
            "filters/delete/": (self.review_filter_delete_view, f"{NAME}_filter_delete"),
            "<slug:code>/": (self.review_pitch_view, f"{NAME}_pitch"),
            "<slug:code>/decide/": (self.review_decide_view, f"{NAME}_decide"),
            "<slug:code>/vote/": (self.review_vote_view, f"{NAME}_vote"),
            "<slug:code>/note/": (self.review_note_view, f"{NAME}_note"),
        }
        return self.mount("review", views) + super().get_urls()

    @method_decorator(require_safe)
    def review_view(self, request, object_id):
        event = self.get_object(request, object_id)
        return self._review_list(request, event)

    @method_decorator(require_POST)
    def review_filter_view(self, request, object_id):
        event = self.get_object(request, object_id)
        form = FilterForm(request.POST)
        if not form.is_valid():
            return self._review_list(request, event, filter_form=form, status=REFUSED)
        name = form.cleaned_data["name"]
        review.keep_filter(event, name, review.asked(request.GET), by=request.user)
        messages.success(request, _("This view is kept as “%(name)s”.") % {"name": name})
        return _see(request, event)

    @method_decorator(require_POST)
    def review_filter_delete_view(self, request, object_id):
        event = self.get_object(request, object_id)
        mine = SavedFilter.objects.filter(event=event, person=request.user)
        if mine.filter(name=request.POST.get("name", "").replace("\0", "")).delete()[0]:
            messages.success(request, _("The view is not kept any more."))
        return _see(request, event)

    @method_decorator(require_safe)
    def review_pitch_view(self, request, object_id, code):
        event = self.get_object(request, object_id)
        return self._review_pitch(request, event, code)

    @method_decorator(require_POST)
    def review_decide_view(self, request, object_id, code):
        event = self.get_object(request, object_id)
        shown, form = _bound(request, event, code, DecisionForm)
        if not form.is_valid():
            refused = form.first_error()
            return self._review_pitch(request, event, code, refused=refused, status=REFUSED)
        data, user = form.cleaned_data, request.user
        try:
            proposal = decisions.prepare(data["session"], data["state"], by=user, seen=data["seen"])
        except (decisions.NotAllowed, decisions.Overtaken) as refusal:
            return self._review_pitch(request, event, code, refused=str(refusal), status=REFUSED)
        messages.success(request, _standing(proposal))
        if not data["state"]:
            return _see(request, event, code, session=proposal)
        row = next((row for row in shown.of(code) if row.proposal.pk == proposal.pk), None)
        after = shown.next_open(row)
        if after is None:
            messages.info(request, _("Nothing here is open any more."))
            return _see(request, event)
        # Within a pitch on to its next session; another pitch is read from its beginning.
        session = after.proposal if after.pitch.code == code else None
        return _see(request, event, after.pitch.code, session=session)

    @method_decorator(require_POST)
    def review_undo_view(self, request, object_id):
        event = self.get_object(request, object_id)
        try:
            proposal = decisions.undo(event, by=request.user)
        except decisions.NothingLeft as refusal:
            messages.warning(request, str(refusal))
            return HttpResponseRedirect(next_url(request, _url(event)), status=303)
        except decisions.Overtaken as refusal:
            messages.warning(request, str(refusal))
            proposal = refusal.proposal
        else:
            messages.success(request, _standing(proposal))
        return _see(request, event, proposal.pitch.code, session=proposal)

    @method_decorator(require_POST)
    def review_vote_view(self, request, object_id, code):
        event = self.get_object(request, object_id)
        _shown, form = _bound(request, event, code, VoteForm)
        if not form.is_valid():
            refused = form.first_error()
            return self._review_pitch(request, event, code, refused=refused, status=REFUSED)
        proposal, value = form.cleaned_data["session"], form.cleaned_data["value"]
        review.vote(proposal, value, by=request.user, now=timezone.now())
        return _see(request, event, code, session=proposal)

    @method_decorator(require_POST)
    def review_note_view(self, request, object_id, code):
        event = self.get_object(request, object_id)
        form = NoteForm(request.POST)
        pitch = _pitch(event, code)
        if not form.is_valid():
            return self._review_pitch(request, event, code, note_form=form, status=REFUSED)
        review.note(pitch, form.cleaned_data["text"], by=request.user)
        return _see(request, event, code)

    def _review_list(self, request, event: Event, *, status=200, **context) -> HttpResponse:
        want = review.asked(request.GET)
        shown = review.load(event, want, by=request.user, now=timezone.now())
        filters = SavedFilter.objects.filter(event=event, person=request.user).order_by("name")
        context = {
            "columns": list(columns.heads(want)),
            "orders": columns.orders(want),
            "formats": Proposal.Format.choices,
            "ripenesses": Proposal.Ripeness.choices,
            "standings": review.STANDINGS.items(),
            "filters": filters,
            "filter_form": FilterForm(),
            "begin": shown.next_open(),
            "has_prepared": any(row.proposal.prepared_state for row in shown.everything),
            **context,
        }
        return self._review_answer(
            request, event, template="review.html", shown=shown, context=context, status=status
        )

    def _review_pitch(self, request, event: Event, code: str, *, status=200, **context):
        now = timezone.now()
        shown = review.load(event, review.asked(request.GET), by=request.user, now=now)
        rows = shown.of(code)
        if not rows:
            _pitch(event, code)
            messages.warning(request, _("This pitch does not hang on the wall any more."))
            return _see(request, event)
        pitch, tags = rows[0].pitch, [tag["slug"] for tag in rows[0].proposal.tags]
        pitch.event = event
        body = event.pitches.filter(pk=pitch.pk).values_list("body", flat=True).get()
        current = _current(rows, request.POST.get("session") or request.GET.get("session"))
        context = {
            "pitch": pitch,
            "body": render_markdown(body),
            "sessions": [_session(row, is_current=row is current) for row in rows],
            "first": rows[0],
            "number": shown.codes.index(code) + 1 if code in shown.codes else None,
            "previous": shown.beside(code, -1),
            "next": shown.beside(code, 1),
            "similar": shown.pitches(likeness.similar(pitch, event=event, tags=tags)),
            "by_the_same": shown.by_the_same(rows),
            "notes": pitch.notes.select_related("author__profile").order_by("created_at", "pk"),
            "note_form": NoteForm(),
            "votes": [(value, key, value.label) for value, key in VOTES.items()],
            **context,
        }
        template = "review_pitch.html"
        return self._review_answer(
            request, event, template=template, shown=shown, context=context, status=status
        )

    def _review_answer(self, request, event: Event, *, template, shown, context, status):
        context = {
            **self.page_context(request, event, title=_("Review")),
            "review": shown,
            "review_url": _url(event),
            "query": f"?{shown.want.query}" if shown.want.query else "",
            **context,
        }
        name = f"admin/program/event/{template}"
        return TemplateResponse(request, name, context, status=status)


def _url(event: Event, code: str = "") -> str:
    if not code:
        return reverse(f"admin:{NAME}", args=[event.pk])
    return reverse(f"admin:{NAME}_pitch", args=[event.pk, code])


def _see(request, event: Event, code: str = "", *, session: Proposal | None = None):
    """On to a page, under the filter of this one; the keys work on ``session`` there."""
    query = [review.asked(request.GET).query, f"session={session.code}" if session else ""]
    asked = "&".join(filter(None, query))
    address = _url(event, code) + (f"?{asked}" if asked else "")
    return HttpResponseRedirect(f"{address}#{session.anchor}" if session else address, status=303)


def _pitch(event: Event, code: str) -> Pitch:
    """404 for a draft, too, which is its hosts' alone."""
    return get_object_or_404(event.pitches.exclude(state=Pitch.State.DRAFT), code=code)


def _bound(request, event: Event, code: str, form_class):
    """The review before the button does what it says, and the form of the button."""
    pitch = _pitch(event, code)
    now = timezone.now()
    shown = review.load(event, review.asked(request.GET), by=request.user, now=now)
    return shown, form_class(request.POST, pitch=pitch)


def _current(rows: list[Row], code: str | None) -> Row:
    """The session that is named, else the first that is open."""
    named = (row for row in rows if row.proposal.code == code)
    return next(named, None) or next((row for row in rows if row.is_open), rows[0])


def _session(row: Row, *, is_current: bool) -> dict:
    """What a card of the page shows; the keys work on the current one."""
    proposal = row.proposal
    buttons = [
        {"state": state, "key": key, "label": label, "is_on": state == proposal.prepared_state}
        for state, (key, label) in BUTTONS.items()
        if state in decisions.preparable(proposal)
    ]
    return {
        "row": row,
        "proposal": proposal,
        "abstract": render_markdown(proposal.abstract),
        "buttons": buttons,
        "is_current": is_current,
    }


def _standing(proposal: Proposal) -> str:
    told = {"title": proposal.heading, "state": proposal.get_prepared_state_display()}
    if proposal.prepared_state:
        return _("Prepared for “%(title)s”: %(state)s. Only organisers see it.") % told
    return _("Nothing is prepared for “%(title)s” any more.") % told
