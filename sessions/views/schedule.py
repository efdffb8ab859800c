from django.http import Http404


def program(request, **kwargs):
    raise Http404


def versions(request, **kwargs):
    raise Http404


def day(request, **kwargs):
    raise Http404
