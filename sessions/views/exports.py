from django.http import Http404


def session_ics(request, **kwargs):
    raise Http404


def program_ics(request, **kwargs):
    raise Http404
