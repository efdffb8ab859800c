"""Where other sites say that they link to a pitch: Webmention and Pingback.

Programs ask here, without cookies and from anywhere, so there is no CSRF check.
"""

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comments import rates
from comments.mentions import pingback as xml
from comments.mentions import targets
from comments.mentions.receive import NoSource, NotTaken, SameAddress, receive
from comments.mentions.records import Protocol
from config.lib.http import address_prefix

MAX_BYTES = 16 * 1024
PLAIN = "text/plain; charset=utf-8"


@csrf_exempt
@login_not_required
@require_POST
def webmention(request: HttpRequest) -> HttpResponse:
    """W3C Webmention § 3.2: 202 when the source is to be looked at, 400 with the reason if not."""
    if len(request.body) > MAX_BYTES:
        return _refused(_("This is too long."))
    try:
        receive(
            request.POST.get("source", ""),
            request.POST.get("target", ""),
            protocol=Protocol.WEBMENTION,
            net=address_prefix(request),
            now=timezone.now(),
        )
    except (NotTaken, targets.NotATarget) as error:
        return _refused(str(error))
    except rates.TooMany as error:
        response = _refused(str(error), HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(error.seconds)
        return response
    return HttpResponse(
        _("Thank you. The link will be looked at soon."), content_type=PLAIN, status=202
    )


def _refused(reason: str, status: int = HTTPStatus.BAD_REQUEST) -> HttpResponse:
    return HttpResponse(reason, content_type=PLAIN, status=status)


@csrf_exempt
@login_not_required
@require_POST
def pingback(request: HttpRequest) -> HttpResponse:
    """XML-RPC, whose faults are answers with status 200, too."""
    try:
        answer = xml.answer(_ping(request))
    except xml.Fault as error:
        answer = xml.fault(error)
    return HttpResponse(answer, content_type="text/xml; charset=utf-8")


def _ping(request: HttpRequest) -> str:
    if len(request.body) > MAX_BYTES:
        raise xml.Fault(xml.Code.NOT_A_CALL, _("This is too long."))
    ping = xml.read(request.body)
    try:
        received = receive(
            ping.source,
            ping.target,
            protocol=Protocol.PINGBACK,
            net=address_prefix(request),
            now=timezone.now(),
        )
    except NoSource as error:
        raise xml.Fault(xml.Code.NO_SOURCE, error) from error
    except targets.NotATarget as error:
        raise xml.Fault(xml.Code.NO_TARGET, error) from error
    except SameAddress as error:
        raise xml.Fault(xml.Code.OTHER, error) from error
    except NotTaken as error:
        raise xml.Fault(xml.Code.NOT_A_TARGET, error) from error
    except rates.TooMany as error:
        raise xml.Fault(xml.Code.ACCESS_DENIED, error) from error
    if not received.is_new:
        raise xml.Fault(
            xml.Code.ALREADY_KNOWN, _("This link is known; it will be looked at again.")
        )
    return _("Thank you. The link will be looked at soon.")
