from django.http import Http404


def interest(request, **kwargs):
    raise Http404


def remove(request, **kwargs):
    raise Http404
