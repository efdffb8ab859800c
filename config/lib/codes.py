"""Short public identifiers that people can read aloud, print and type."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: they look alike on paper
LENGTH = 6


def new_code() -> str:
    """Return a random code of ``LENGTH`` letters: 31**6, about 890 million values."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
