"""Somebody who has logged in."""

import time

from django.test import Client


def session_of(user) -> str:
    """The key of a session whose owner has just proved who they are."""
    client = Client()
    client.force_login(user)
    session = client.session
    proof = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [proof]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return session.session_key
