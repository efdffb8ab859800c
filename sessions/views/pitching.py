"""Writing a pitch: write first, identify last. Whatever was typed comes back with every answer."""

import datetime as dt

import pghistory
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.lib.codes import new_code
from sessions import access, decisions, kept, pitching
from sessions import content as contents
from sessions import versions as history
from sessions.content import Content
from sessions.forms.pitching import PitchForms, read_typed
from sessions.models import Event, Pitch, Proposal
from sessions.views import pitch_pages
from speakers import accounts

STORING = {"publish", "draft", "save"}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = access.enter(request, event_slug)
    now = timezone.now()
    if request.method != "POST":
        return _empty_page(request, event, now)
    do = request.POST.get("do", "")
    if do == "forget":
        kept.forget(request, event)
        return redirect("program:pitch_new", event.slug)
    if do not in STORING:
        return pitch_pages.reworked(request, event, now=now)
    publish, anonymous = do == "publish", not request.user.is_authenticated
    forms = PitchForms(event, data=request.POST, complete=publish, anonymous=anonymous)
    if not forms.is_valid():
        return pitch_pages.page(request, event, forms, now=now, logged_out=forms.lost_log_in)
    if publish and not event.takes_pitches(now):
        notice = str(pitching.PitchingClosed(event, now))
        return pitch_pages.page(request, event, forms, now=now, notice=notice)
    if anonymous:
        return _identify(request, event, forms, publish=publish)
    code = request.POST.get("code", "")
    return _hang(request, event, forms.content(), publish=publish, code=code)


def _empty_page(request: HttpRequest, event: Event, now: dt.datetime) -> HttpResponse:
    """The page as it begins: with what was kept, if somebody did not finish."""
    waiting = kept.of(request, event)
    if not event.takes_pitches(now) and waiting is None:
        return pitch_pages.closed(request, event, now=now)
    content = waiting.content if waiting else None
    forms = PitchForms(event, content=content, anonymous=not request.user.is_authenticated)
    code = waiting.code if waiting else new_code()
    return pitch_pages.page(request, event, forms, now=now, waiting=waiting, code=code)


def _identify(
    request: HttpRequest, event: Event, forms: PitchForms, *, publish: bool
) -> HttpResponse:
    """Keep what was written and mail a code; with it the person comes to :func:`finish`."""
    kept.keep(request, event, content=forms.content(), publish=publish)
    person = forms.identity.cleaned_data
    try:
        return accounts.begin(
            request,
            name=person["name"],
            email=person["email"],
            language=get_language(),
            next_url=pitch_pages.url("pitch_finish", event),
        )
    except accounts.TooManyAttempts as error:
        return pitch_pages.page(
            request, event, forms, now=timezone.now(), notice=str(error), status=429
        )


@login_not_required
@require_safe
def finish(request: HttpRequest, event_slug: str) -> HttpResponse:
    """Store the kept pitch of somebody who has just logged in; again and again it is one pitch."""
    event = access.enter(request, event_slug)
    waiting = kept.of(request, event)
    if waiting is not None and request.user.is_authenticated:
        return _hang(request, event, waiting.content, publish=waiting.publish, code=waiting.code)
    if waiting is None and request.user.is_authenticated:
        stored = event.pitches.hosted_by(request.user)
        pitch = stored.filter(code=kept.finished(request, event)).first()
        if pitch is not None:
            return redirect(pitch_pages.home_of(pitch))
    return redirect("program:pitch_new", event.slug)


def _hang(
    request: HttpRequest, event: Event, content: Content, *, publish: bool, code: str
) -> HttpResponse:
    """Store as a draft, then publish if that was wished and is still possible."""
    now = timezone.now()
    by = request.user
    with pghistory.context(user=by.pk):  # finishing is a GET, which has none of its own
        try:
            code = code if pitch_pages.is_code(code) else ""
            pitch = pitching.create(event, by=by, content=content, now=now, code=code)
        except (pitching.NotPossible, pitching.StillWanted):
            # An old tab of a pitch that has gone on since: its words become another one.
            pitch = pitching.create(event, by=by, content=content, now=now)
        kept.finish(request, event, code=pitch.code)
        return _saved(request, pitch, publish=publish, stored=f"pitch:{event.slug}")


def _saved(request: HttpRequest, pitch: Pitch, *, publish: bool, stored: str) -> HttpResponse:
    """Publish a stored draft if that is wished, and say what happened."""
    now = timezone.now()
    if publish:
        try:
            pitch = pitching.publish(pitch, by=request.user, now=now)
        except (pitching.PitchingClosed, pitching.BodyMissing, pitching.NotPossible) as error:
            messages.warning(request, str(error))
        else:
            pitch_pages.say_published(request, pitch, stored=stored)
            return redirect(pitch)
    if pitch.state == Pitch.State.DRAFT:
        pitch_pages.say_draft_saved(request, now, stored=stored)
    elif not publish:
        pitch_pages.say_saved(request, now, stored=stored)
    return redirect(pitch_pages.home_of(pitch))


@login_not_required
@require_POST
def preview(request: HttpRequest, event_slug: str) -> HttpResponse:
    """The fragment for htmx, else the page of a new pitch with the preview in it."""
    event = access.enter(request, event_slug)
    shown = pitch_pages.preview_of(read_typed(request.POST))
    if request.htmx:
        return render(request, "sessions/_pitch_preview.html", {"preview": shown, "event": event})
    return pitch_pages.reworked(request, event, now=timezone.now(), do="preview")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@pitch_pages.leads_on
def edit(request: HttpRequest, event_slug: str, code: str) -> HttpResponse:
    """Public only so that the words of somebody who was logged out meanwhile are kept."""
    event = access.enter(request, event_slug)
    if not request.user.is_authenticated:
        if request.method == "POST":
            kept.keep_typed(request, code)
        return redirect_to_login(pitch_pages.url("pitch_edit", event, code))
    pitch = _editable(request, event, code)
    now = timezone.now()
    if request.method != "POST":
        return _stored_page(request, pitch, now)
    do = request.POST.get("do", "")
    if do not in STORING:
        return pitch_pages.reworked(request, event, now=now, pitch=pitch)
    complete = do == "publish" or pitch.state != Pitch.State.DRAFT
    forms = PitchForms(event, data=request.POST, complete=complete)
    if not forms.is_valid():
        return pitch_pages.page(request, event, forms, now=now, pitch=pitch)
    return _store(request, pitch, forms, publish=do == "publish")


def _store(request: HttpRequest, pitch: Pitch, forms: PitchForms, *, publish: bool) -> HttpResponse:
    now, content = timezone.now(), forms.content()
    seen = request.POST.get("seen", "")
    try:
        pitch = pitching.edit(pitch, by=request.user, content=content, now=now, seen=seen)
    except pitching.EditConflict as conflict:
        shown = pitch_pages.conflict_of(pitch, content, conflict.current)
        return pitch_pages.page(
            request, pitch.event, forms, now=now, pitch=pitch,
            conflict=shown, seen=conflict.current.token, status=409,
        )  # fmt: skip
    except pitching.StillWanted as error:
        typed = read_typed(request.POST, back=error.proposals)
        forms = PitchForms(pitch.event, typed=typed)
        return pitch_pages.page(
            request, pitch.event, forms, now=now, pitch=pitch, wanted=error.proposals
        )
    except (pitching.NotPossible, pitching.BodyMissing) as error:
        return pitch_pages.page(
            request, pitch.event, forms, now=now, pitch=pitch, notice=str(error)
        )
    wall = publish and pitch.state == Pitch.State.DRAFT
    return _saved(request, pitch, publish=wall, stored=f"pitch:{pitch.code}")


def _stored_page(request: HttpRequest, pitch: Pitch, now: dt.datetime) -> HttpResponse:
    content = contents.of(pitch)
    typed = kept.take_typed(request, pitch.code)
    if typed is not None:
        forms, seen = PitchForms(pitch.event, typed=read_typed(typed)), typed.get("seen", "")
    else:
        forms, seen = PitchForms(pitch.event, content=content), content.token
    return pitch_pages.page(
        request, pitch.event, forms, now=now, pitch=pitch, seen=seen, returned=typed is not None
    )


@require_POST
@pitch_pages.leads_on
def publish(request: HttpRequest, event_slug: str, code: str) -> HttpResponse:
    event = access.enter(request, event_slug)
    pitch = _editable(request, event, code)
    return _saved(request, pitch, publish=True, stored=f"pitch:{code}")


@require_http_methods(["GET", "HEAD", "POST"])
@pitch_pages.leads_on
def withdraw(request: HttpRequest, event_slug: str, code: str) -> HttpResponse:
    """The pitch, one session of it (``session=<code>``), or for good: a draft."""
    event = access.enter(request, event_slug)
    pitch = _editable(request, event, code)
    proposal = _session_of(request, pitch)
    if request.method != "POST":
        context = {"event": event, "pitch": pitch, "proposal": proposal}
        return render(request, "sessions/pitch_withdraw.html", context)
    try:
        if proposal is not None:
            decisions.withdraw(proposal, by=request.user)
        elif pitch.state == Pitch.State.DRAFT:
            pitching.discard(pitch)
            messages.success(request, _("The draft is deleted."), extra_tags=f"pitch:{code}")
            return redirect("program:wall", event.slug)
        else:
            pitching.withdraw(pitch, by=request.user, now=timezone.now())
    except (decisions.NotAllowed, pitching.NotPossible) as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Withdrawn. You can hang it up again at any time."))
    return redirect(pitch)


@require_POST
@pitch_pages.leads_on
def reopen(request: HttpRequest, event_slug: str, code: str) -> HttpResponse:
    event = access.enter(request, event_slug)
    pitch = _editable(request, event, code)
    proposal = _session_of(request, pitch)
    try:
        if proposal is not None:
            decisions.reopen(proposal, by=request.user)
        else:
            pitching.reopen(pitch, by=request.user, now=timezone.now())
    except (decisions.NotAllowed, pitching.NotPossible, pitching.PitchingClosed) as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("It hangs on the wall again."))
    return redirect(pitch)


@require_safe
@pitch_pages.leads_on
def versions(request: HttpRequest, event_slug: str, code: str) -> HttpResponse:
    """Every version that was kept, for hosts and organisers."""
    event = access.enter(request, event_slug)
    pitches = event.pitches
    if not access.organises(request.user, event):
        pitches = pitches.hosted_by(request.user)
    pitch = get_object_or_404(pitches, code=code)
    context = {"event": event, "pitch": pitch, "versions": history.of(pitch)}
    return render(request, "sessions/pitch_versions.html", context)


def _editable(request: HttpRequest, event: Event, code: str) -> Pitch:
    """The reader's own pitch; 404 for a stranger, 403 while the organisers hide it."""
    pitch = get_object_or_404(event.pitches.hosted_by(request.user).with_hosts(), code=code)
    if not access.may_edit(request.user, pitch):
        raise PermissionDenied
    pitch.event = event
    return pitch


def _session_of(request: HttpRequest, pitch: Pitch) -> Proposal | None:
    code = request.POST.get("session") or request.GET.get("session")
    if not code:
        return None
    if not pitch_pages.is_code(code):
        raise Http404
    return get_object_or_404(pitch.proposals.with_pitch(), code=code)
