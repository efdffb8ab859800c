"""What belongs to the whole site: the front page, its legal pages, language, files and health."""

from django.http import Http404, HttpResponse


def front(request):
    raise Http404


def healthz(request):
    return HttpResponse("ok", content_type="text/plain")


readyz = set_language = imprint = privacy = accessibility = front


def media(request, name):
    raise Http404
