"""The link in the mail to a host: a GET shows the session and a button, the POST answers."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sessions import access, confirming, decisions
from sessions.models import Proposal

GONE = 410
VERBS = {"confirm": decisions.confirm, "cancel": decisions.withdraw}


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Without a log-in, since whoever holds the link read the host's mail; no cookie is set.

    Machines open the links of mails, so that a GET answers nothing. ``?cannot`` asks once more
    before the session is withdrawn. Saying the same again changes nothing.
    """
    try:
        proposal, person = confirming.read(token)
    except confirming.Unreadable as error:
        raise Http404 from error
    event = access.enter(request, proposal.pitch.event.slug)
    is_open = proposal.state in Proposal.SCHEDULABLE
    if request.method == "POST" and is_open:
        verb = VERBS.get(request.POST.get("answer", ""))
        if verb is None:
            return _page(request, event, proposal, person)
        try:
            verb(proposal, by=person)
        except decisions.NotAllowed as refused:
            return _page(request, event, refused.proposal, person)
        return HttpResponseRedirect(request.path, status=303)
    return _page(request, event, proposal, person)


def _page(request, event, proposal, person):
    is_open = proposal.state in Proposal.SCHEDULABLE
    context = {
        "event": event,
        "proposal": proposal,
        "person": person,
        "is_open": is_open,
        "is_confirmed": proposal.state == Proposal.State.CONFIRMED,
        "is_withdrawn": proposal.state == Proposal.State.WITHDRAWN,
        "asks_again": is_open and "cannot" in request.GET,
    }
    is_known = is_open or context["is_withdrawn"]
    return render(request, "sessions/confirm.html", context, status=200 if is_known else GONE)
