"""What the writing views show and say: the page in its states, the preview, the messages."""

import datetime as dt
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.lib import text
from config.lib.codes import ALPHABET, LENGTH
from sessions import access, pitch_detail, pitching
from sessions import content as contents
from sessions.content import Content
from sessions.forms.pitching import DEFAULTS, PitchForms, read_typed
from sessions.models import Event, Pitch, Proposal

CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
Typed = dict[str, Any]


def is_code(value: str) -> bool:
    return CODE.fullmatch(value) is not None


def url(name: str, event: Event, *args: str) -> str:
    return reverse(f"program:{name}", args=[event.slug, *args])


def home_of(pitch: Pitch) -> str:
    """Where one goes after saving: a draft is at home on the page on which it is written."""
    if pitch.state == Pitch.State.DRAFT:
        return url("pitch_edit", pitch.event, pitch.code)
    return pitch.get_absolute_url()


def page(
    request: HttpRequest,
    event: Event,
    forms: PitchForms,
    *,
    now: dt.datetime,
    pitch: Pitch | None = None,
    status: int = 200,
    template: str = "sessions/pitch_form.html",
    **extra: Any,
) -> HttpResponse:
    """The page on which a new or stored (``pitch``) one is written; nothing of it is cached."""
    if pitch is not None:
        _name_stored(forms, pitch)
    context = {
        "event": event,
        "forms": forms,
        "pitch": pitch,
        "may_publish": event.takes_pitches(now),
        "known_tags": pitching.known_tags(event),
        "kept_key": f"pitch:{pitch.code if pitch else event.slug}",
        "code": request.POST.get("code", "") if pitch is None else "",
        "seen": request.POST.get("seen", "") if pitch is not None else "",
        **extra,
    }
    return render(request, template, context, status=status)


def _name_stored(forms: PitchForms, pitch: Pitch) -> None:
    """Tell each block which stored session it is, and whether that can only be withdrawn."""
    stored = {row.code: row for row in pitch.proposals.all()}
    removable = set(pitch.proposals.removable().values_list("code", flat=True))
    for form in forms.sessions:
        form.stored = stored.get(form["code"].value())
        form.keeps = form.stored is not None and form.stored.code not in removable


def reworked(
    request: HttpRequest,
    event: Event,
    *,
    now: dt.datetime,
    pitch: Pitch | None = None,
    do: str | None = None,
) -> HttpResponse:
    """The same page with one session more or less, or with a preview; nothing is checked yet."""
    do, _separator, number = (do or request.POST.get("do", "")).partition("-")
    remove = int(number) if do == "remove" and number.isdecimal() and len(number) < 3 else None
    typed = read_typed(request.POST, add=do == "add", remove=remove)
    forms = PitchForms(event, typed=typed, anonymous=not request.user.is_authenticated)
    extra: Typed = {}
    if do == "add":
        forms.sessions[-1].fields["title"].widget.attrs["autofocus"] = True
    if do == "preview":
        extra["preview"] = preview_of(typed)
    part = request.htmx and do in ("add", "remove")
    template = "sessions/_pitch_sessions.html" if part else "sessions/pitch_form.html"
    return page(request, event, forms, now=now, pitch=pitch, template=template, **extra)


def preview_of(typed: tuple[Typed, list[Typed]]) -> dict[str, Any]:
    """What the wall would show of unchecked input. A text that is too long is named, not shown."""
    pitch, sessions = typed
    return {
        "title": text.clean_line(pitch.get("title", "")),
        "body": _rendered(pitch.get("body", "")),
        "sessions": [
            {
                "title": text.clean_line(session.get("title", "")),
                "abstract": _rendered(session.get("abstract", "")),
                "format_key": (key := session.get("format", DEFAULTS.format)),
                "format_name": dict(Proposal.Format.choices).get(key, ""),
            }
            for session in sessions
        ],
    }


def _rendered(source: str) -> str:
    try:
        return text.render_markdown(source)
    except text.TooLong as error:
        return " ".join(error.messages)


def leads_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What hosts do with a pitch that is part of another by now leads to that one; words that
    they wrote meanwhile come back with the answer.
    """

    @wraps(view)
    def answered(request: HttpRequest, event_slug: str, code: str) -> HttpResponse:
        try:
            return view(request, event_slug, code)
        except Http404:
            event = access.enter(request, event_slug)
            heir = pitch_detail.heir(event, code)
            if heir is None or not heir.event.pitches.led_by(request.user).filter(code=code):
                raise
        if "title" in request.POST:
            return _come_too_late(request, heir)
        messages.info(request, _("This pitch is part of another one now. Here it is."))
        return redirect(heir)

    return answered


def _come_too_late(request: HttpRequest, heir: Pitch) -> HttpResponse:
    forms = PitchForms(heir.event, typed=read_typed(request.POST))
    said = _(
        "Meanwhile this pitch has become part of {link}. Nothing is saved. What you wrote is still "
        "here, so that you can take it along."
    )
    link = format_html('<a href="{}">{}</a>', heir.get_absolute_url(), heir.title)
    return page(
        request, heir.event, forms, now=timezone.now(), pitch=heir,
        notice=format_html(said, link=link), may_publish=True, status=409,
    )  # fmt: skip


def closed(request: HttpRequest, event: Event, *, now: dt.datetime) -> HttpResponse:
    reason = str(pitching.PitchingClosed(event, now))
    return render(request, "sessions/pitch_closed.html", {"event": event, "reason": reason})


def conflict_of(pitch: Pitch, mine: Content, theirs: Content) -> Typed:
    """What the second of two writers is shown beside their own words."""
    last = pitch.log.select_related("actor__profile").order_by("-at", "-pk").first()
    return {
        "changes": contents.between(mine, theirs),
        "by": last.actor.profile.name if last and last.actor else "",
        "at": last.at if last else pitch.updated_at,
    }


def clock(now: dt.datetime) -> str:
    """The time of day at the event: "14:03 Uhr" or "2:03 pm"."""
    # Translators: how a time of day is written, in Django's date format; shown in lower case.
    pattern = pgettext("time of day", "g:i A")
    return format_date(timezone.localtime(now), pattern).lower()


def say_draft_saved(request: HttpRequest, now: dt.datetime, *, stored: str) -> None:
    """``stored`` is the key under which the browser had kept the text; core.js forgets it."""
    messages.success(request, _("Draft saved %(time)s") % {"time": clock(now)}, extra_tags=stored)


def say_saved(request: HttpRequest, now: dt.datetime, *, stored: str) -> None:
    messages.success(request, _("Saved %(time)s") % {"time": clock(now)}, extra_tags=stored)


def say_published(request: HttpRequest, pitch: Pitch, *, stored: str) -> None:
    address = request.build_absolute_uri(reverse("program:short_link", args=[pitch.code]))
    thanks = _("Thanks, your pitch is on the wall. Share it: {link}")
    link = format_html('<a href="{0}">{0}</a>', address)
    messages.success(request, format_html(thanks, link=link), extra_tags=stored)
