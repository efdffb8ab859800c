from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.signing import get_cookie_signer
from django.template import Context, Template
from django.test import RequestFactory

from config.lib.http import VISITOR_COOKIE, VISITOR_SALT

TAG = Template("{% load discussion %}{% discussion pitch %}")


@pytest.fixture
def discussion():
    """The HTML of a pitch's discussion as its page shows it to ``user``, at the same cost."""

    def render(pitch, *, user=None, **query):
        request = RequestFactory().get(f"/?{urlencode(query, errors='surrogatepass')}")
        request.user = user or AnonymousUser()
        return TAG.render(Context({"request": request, "pitch": pitch}))

    return render


@pytest.fixture
def anonymous():
    return AnonymousUser()


@pytest.fixture
def visiting():
    """Give a client the signed cookie of a browser that clicked before."""

    def remember(client, visitor):
        signer = get_cookie_signer(salt=VISITOR_COOKIE + VISITOR_SALT)
        client.cookies[VISITOR_COOKIE] = signer.sign(str(visitor))
        return client

    return remember


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"
