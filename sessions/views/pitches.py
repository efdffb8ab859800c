"""The wall, what a tag gathers of it, and the page of one pitch."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponsePermanentRedirect, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.lib.text import excerpt, render_markdown
from sessions import access, facts, pitch_detail, walls
from sessions.admin.reach import reach
from sessions.models import Event, Pitch, Proposal, Tag
from sessions.views import scan
from sessions.views.interest import marks_of


@login_not_required
@require_safe
def wall(request, event_slug):
    event = access.enter(request, event_slug)
    now = timezone.now()
    marks = marks_of(request, event, now=now)
    want = walls.asked(request.GET, counts_are_shown=marks.are_counted)
    page = _page(request, walls.select(event, want, now=now))
    return render(
        request,
        "sessions/wall.html",
        {
            "event": event,
            "facts": facts.of(event),
            "want": want,
            "address": _address(want),
            "choices": _choices(event, want, marks.are_counted),
            "takes_pitches": event.takes_pitches(now),
            "page_obj": page,
            "cards": walls.cards(page, marks, want),
        },
    )


def _page(request, pitches):
    """One page; a number that there is not leads to the first or the last."""
    paginator = Paginator(walls.with_cards(pitches), walls.PER_PAGE)
    return paginator.get_page(request.GET.get("page"))


def _address(want: walls.Asked) -> QueryDict:
    """The cleaned question as an address, for links that change one thing in it."""
    address = QueryDict(mutable=True)
    address.update({key: value for key, value in vars(want).items() if value})
    return address


def _choices(event: Event, want: walls.Asked, counts_are_shown: bool):
    hidden = {"wanted"} - ({"wanted"} if counts_are_shown else set())
    if not want.q:
        hidden.add("match")
    return {
        "formats": Proposal.Format.choices,
        "ripeness": Proposal.Ripeness.choices,
        "states": [(key, label) for key, (label, _states) in walls.STATES.items()],
        "orders": [choice for choice in walls.ORDERS.items() if choice[0] not in hidden],
        "tags": walls.tags(event),
    }


@login_not_required
@require_safe
def tag(request, event_slug, tag):
    event = access.enter(request, event_slug)
    now = timezone.now()
    found = get_object_or_404(Tag, slug=tag)
    page = _page(request, walls.select(event, walls.Asked(tag=tag, order="new"), now=now))
    if not page.paginator.count:
        raise Http404
    marks = marks_of(request, event, now=now)
    return render(
        request,
        "sessions/tag.html",
        {"event": event, "tag": found, "page_obj": page, "cards": walls.cards(page, marks)},
    )


@login_not_required
@require_safe
def pitch(request, event_slug, code, slug=""):
    """One address from idea to archive; another slug leads to the right one."""
    event = access.enter(request, event_slug)
    try:
        pitch = pitch_detail.load(event, code, user=request.user)
    except Pitch.DoesNotExist as error:
        if (heir := pitch_detail.heir(event, code)) is not None:
            return _to_heir(request, heir)
        if event.pitches.withdrawn().filter(code=code).exists():
            return render(request, "sessions/pitch_gone.html", {"event": event}, status=410)
        raise Http404 from error
    if slug != pitch.slug:
        return _to_right_slug(request, pitch)
    return _show(request, pitch)


def _to_right_slug(request, pitch: Pitch):
    response = HttpResponsePermanentRedirect(_with_query(request, pitch))
    response["Cache-Control"] = "no-cache"  # a title that is changed back would lead in circles
    return response


def _to_heir(request, pitch: Pitch):
    """Not for good: a merge can be undone."""
    response = HttpResponseRedirect(_with_query(request, pitch))
    response["Cache-Control"] = "no-cache"
    return response


def _with_query(request, pitch: Pitch) -> str:
    query = request.META["QUERY_STRING"]
    return f"{pitch.get_absolute_url()}{'?' if query else ''}{query}"


def _show(request, pitch: Pitch):
    event, now = pitch.event, timezone.now()
    marks = marks_of(request, event, now=now)
    tags = pitch.tags.all()
    context = {
        "event": event,
        "pitch": pitch,
        "body": render_markdown(pitch.body),
        "description": excerpt(pitch.body) or pitch.title,
        "sessions": pitch_detail.sessions(pitch, marks),
        "tags": tags,
        "related": pitch_detail.related(pitch, tags) if tags else [],
        "hosts_it": access.hosts(request.user, pitch),
        "may_edit": access.may_edit(request.user, pitch),
        "address": request.build_absolute_uri(pitch.get_absolute_url()),
        "short_address": request.build_absolute_uri(
            reverse("program:short_link", args=[pitch.code])
        ),
    }
    if pitch.state == Pitch.State.PUBLIC and event.state != Event.State.DRAFT:
        return _open_to_mentions(request, context)
    return render(request, "sessions/pitch_detail.html", context)


def _open_to_mentions(request, context):
    """The page, and where other sites can say that they link to it."""
    webmention = request.build_absolute_uri(reverse("webmention"))
    pingback = request.build_absolute_uri(reverse("pingback"))
    context |= {"webmention": webmention, "pingback": pingback}
    response = render(request, "sessions/pitch_detail.html", context)
    response["Link"] = f'<{webmention}>; rel="webmention"'
    response["X-Pingback"] = pingback
    return response


@login_not_required
@require_safe
def short_link(request, code):
    """For print and QR codes: of a pitch or of one of its sessions.

    The code of a session is on its card: whoever organises the event has it to place it.
    """
    found = pitch_detail.find(code, user=request.user)
    if isinstance(found, Proposal) and found.state in Proposal.SCHEDULABLE:
        event = found.pitch.event
        if reach(request).covers(event.pk):
            return scan.scanned(event, code)
    return HttpResponseRedirect(found.get_absolute_url())
