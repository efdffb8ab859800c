"""Announcing in the desk: every mail as it will be sent, then now, at a time, or without mails."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from sessions import announcing
from sessions.admin.event_pages import EventPages
from sessions.forms.announcing import Sheet
from sessions.models import AnnouncedDecision, Announcement, ConfirmationRequest

NAME = "program_event_announce"
REFUSED = 422
MOST_MAILS = 200  # of one page: Django takes no form with more than 1,000 fields
EARLIER = 5


class AnnounceMixin(EventPages):
    """Mounts the announcement in an event's admin, whose ``get_object`` is the door.

    13 queries with the log-in's three, however many decisions are prepared.
    """

    def get_urls(self):
        views = {
            "": (self.announce_view, NAME),
            "<int:pk>/call-off/": (self.announce_call_off_view, f"{NAME}_call_off"),
        }
        return self.mount("announce", views) + super().get_urls()

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def announce_view(self, request, object_id):
        event = self.get_object(request, object_id)
        now = timezone.now()
        ready, rest = _first(announcing.ready(event))
        if request.method != "POST":
            return self._announce_page(request, event, Sheet(ready, now=now), rest)
        sheet = Sheet(ready, now=now, data=request.POST)
        if not sheet.is_valid():
            return self._announce_page(request, event, sheet, rest)
        try:
            done = announcing.announce(event, sheet.order(), by=request.user, now=now)
        except announcing.Changed as changed:
            ready, rest = _first(announcing.ready(event))
            fresh = {each.proposal.code for each in ready} - _unchanged(sheet, ready)
            sheet = Sheet(ready, now=now, data=request.POST, fresh=fresh)
            return self._announce_page(request, event, sheet, rest, changed=changed.titles)
        except announcing.NothingLeft as refused:
            messages.warning(request, str(refused))
        else:
            _say(request, done)
        return redirect(f"admin:{NAME}", event.pk)

    @method_decorator(require_POST)
    def announce_call_off_view(self, request, object_id, pk):
        event = self.get_object(request, object_id)
        announcement = event.announcements.filter(pk=pk).first()
        if announcement is None:
            raise Http404
        try:
            announcing.call_off(announcement)
        except announcing.TooLate as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Called off. The decisions stay prepared."))
        return redirect(f"admin:{NAME}", event.pk)

    def _announce_page(self, request, event, sheet, rest, *, changed=()):
        is_refused = request.method == "POST"
        context = {
            **self.page_context(request, event, title=_("Announce")),
            "sheet": sheet,
            "decisions": len(sheet.entries),
            "mails": sum(form is not None for _each, row in sheet.entries for _to, form in row),
            "rest": rest,
            "changed": changed,
            "is_refused": is_refused,
            "planned": _with_decisions(event.announcements.planned().order_by("send_at", "pk")),
            "earlier": _with_decisions(
                event.announcements.filter(state=Announcement.State.DONE).newest_first()
            )[:EARLIER],
            "asked": ConfirmationRequest.objects.open_in(event).with_hosts()
            if event.asks_confirmation
            else None,
        }
        template = "admin/program/event/announce.html"
        return TemplateResponse(request, template, context, status=REFUSED if is_refused else 200)


def _first(ready):
    """As many decisions as one page can hold with their mails, and the number of the others."""
    shown, mails = [], 0
    for each in ready:
        mails += max(1, len(each.letters))
        if mails > MOST_MAILS and shown:
            break
        shown.append(each)
    return shown, len(ready) - len(shown)


def _unchanged(sheet, ready) -> set[str]:
    posted = sheet.posted
    return {each.proposal.code for each in ready if posted.get(each.proposal.code) == each.seen}


def _with_decisions(announcements):
    return announcements.select_related("by__profile").with_decisions()


def _say(request, done):
    count = {"n": done.done, "mails": _mails(done.mails)}
    if done.announcement.state == Announcement.State.PLANNED:
        at = date_format(timezone.localtime(done.announcement.send_at), "DATETIME_FORMAT")
        message = ngettext(
            "%(n)d decision goes out on %(at)s, with %(mails)s. Until then nothing changes.",
            "%(n)d decisions go out on %(at)s, with %(mails)s. Until then nothing changes.",
            done.done,
        )
        messages.success(request, message % {**count, "at": at})
    else:
        message = ngettext(
            "%(n)d decision is announced, with %(mails)s.",
            "%(n)d decisions are announced, with %(mails)s.",
            done.done,
        )
        messages.success(request, message % count)
    changed = done.announcement.decisions.filter(outcome=AnnouncedDecision.Outcome.CHANGED)
    gone = done.gone + [each.proposal.heading for each in changed.select_related("proposal__pitch")]
    for said, titles in (
        (_("Prepared since you opened the page, and not announced: %(titles)s"), done.later),
        (_("Not prepared any more, and not announced: %(titles)s"), gone),
    ):
        if titles:
            messages.warning(request, said % {"titles": "; ".join(titles)})


def _mails(number: int) -> str:
    return ngettext("%(n)d mail", "%(n)d mails", number) % {"n": number}
