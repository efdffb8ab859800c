"""The people of the demo, and who of them takes part in what."""

import random
import uuid
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from speakers.models import Profile, User

ORGANISER = "regie@example.org"
MODERATOR = "moderation@example.org"
SPEAKER = "aylin-kaya@example.org"


@dataclass(frozen=True)
class Crowd:
    """Who can come to an event: ``by_key`` everyone, ``members`` those who know it."""

    by_key: dict[str, User]
    members: tuple[User, ...]
    visitors: tuple[uuid.UUID, ...]
    organiser: User
    moderator: User


def load(described: list[dict[str, Any]], *, password: str) -> dict[str, dict[str, Any]]:
    """Create the accounts; returns each with its description, by key."""
    hashed = make_password(password)
    staff = [
        {"key": "regie", "name": "Marthe Lindqvist", "language": "de", "events": [], "staff": True},
        {"key": "moderation", "name": "Ivo Steen", "language": "de", "events": [], "staff": True},
    ]
    everyone = [*described, *staff]
    users = User.objects.bulk_create(
        User(
            email=f"{person['key']}@example.org",
            language=person["language"],
            password=hashed,
            is_staff=person.get("staff", False),
        )
        for person in everyone
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    Profile.objects.bulk_create(
        Profile(
            user=user,
            slug=person["key"],
            name=person["name"],
            text=person.get("text", ""),
            organisation=person.get("organisation", ""),
            links=person.get("links", []),
        )
        for user, person in zip(users, everyone, strict=True)
    )
    return {
        person["key"]: {**person, "user": user}
        for user, person in zip(users, everyone, strict=True)
    }


def crowd(persons: dict[str, dict[str, Any]], *, event_slug: str) -> Crowd:
    chance = random.Random(event_slug)
    return Crowd(
        by_key={key: person["user"] for key, person in persons.items()},
        members=tuple(
            person["user"] for person in persons.values() if event_slug in person["events"]
        ),
        visitors=tuple(uuid.UUID(int=chance.getrandbits(128), version=4) for _ in range(60)),
        organiser=persons["regie"]["user"],
        moderator=persons["moderation"]["user"],
    )
