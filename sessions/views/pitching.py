from django.http import Http404


def new(request, **kwargs):
    raise Http404


def preview(request, **kwargs):
    raise Http404


def edit(request, **kwargs):
    raise Http404


def publish(request, **kwargs):
    raise Http404


def withdraw(request, **kwargs):
    raise Http404


def reopen(request, **kwargs):
    raise Http404


def versions(request, **kwargs):
    raise Http404
