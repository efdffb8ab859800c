"""A POST is accepted when the browser says that it comes from this site; else it needs a token."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def post(**headers) -> int:
    return (
        Client(enforce_csrf_checks=True)
        .post("/language/", {"language": "en"}, headers=headers)
        .status_code
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": "http://testserver"},
    ],
)
def test_post_from_this_site_is_accepted(headers):
    assert post(**headers) == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:81"},
        {"Origin": "null"},
    ],
)
def test_post_from_elsewhere_is_refused(headers):
    assert post(**headers) == 403
