from django.http import Http404


def short_link(request, **kwargs):
    raise Http404


def wall(request, **kwargs):
    raise Http404


def tag(request, **kwargs):
    raise Http404


def pitch(request, **kwargs):
    raise Http404
