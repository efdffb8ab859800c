import factory
from allauth.mfa.models import Authenticator
from factory.django import DjangoModelFactory
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from .people import UserFactory

KEY_ID = b"key of the tests"
PUBLIC_KEY = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})


def registration() -> dict:
    """What a browser says of a new passkey; nobody holds its private key."""
    attested = AttestedCredentialData.create(bytes(16), KEY_ID, PUBLIC_KEY)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(bytes(32), flags, 0, attested)
    said = CollectedClientData.create("webauthn.create", b"challenge", "http://testserver")
    return {
        "id": websafe_encode(KEY_ID),
        "rawId": websafe_encode(KEY_ID),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(said),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
    }


class PasskeyFactory(DjangoModelFactory):
    class Meta:
        model = Authenticator

    user = factory.SubFactory(UserFactory)
    type = Authenticator.Type.WEBAUTHN
    data = factory.LazyFunction(lambda: {"name": "Phone", "credential": registration()})
