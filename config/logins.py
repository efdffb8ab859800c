"""What a log-in gives to the account: the composition of people with what they did before it."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from config.lib import http
from sessions import interests
from speakers import adapter
from speakers.models import User


class AccountAdapter(adapter.AccountAdapter):
    """allauth's hook after every kind of log-in, with the answer in hand.

    It stands here because ``speakers`` may not know ``sessions``. Django's signal
    ``user_logged_in`` would do as well, but has no answer to forget the cookie with.
    """

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Pass a browser's interests on, once, and forget the browser.

        Comments stay under the name that a guest gave; only the session remembers whose
        they are, so that they can still be changed.
        """
        response = super().post_login(request, user, **kwargs)
        if visitor := http.visitor_of(request):
            interests.pass_on(visitor, to=user)
            http.keep_visitor(request, visitor)
            http.forget_visitor(response)
        return response
