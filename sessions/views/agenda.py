from django.http import Http404


def me(request, **kwargs):
    raise Http404
