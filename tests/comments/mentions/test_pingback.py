"""Pingback: XML-RPC in and out, and nothing told about our network."""

import xmlrpc.client

import pytest

from comments.models import Mention, Rules
from tests.factories import PitchFactory

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
SOURCE = "https://blog.example/post"


@pytest.fixture
def target():
    return SITE + PitchFactory().get_absolute_url()


def send(client, body):
    response = client.post("/pingback", body, content_type="text/xml")
    assert (response.status_code, response["Content-Type"]) == (200, "text/xml; charset=utf-8")
    try:
        ((said,), _method) = xmlrpc.client.loads(response.content)
    except xmlrpc.client.Fault as fault:
        return fault.faultCode
    return said


def ping(client, *parameters, method="pingback.ping"):
    return send(client, xmlrpc.client.dumps(parameters, method))


def test_a_pingback_is_taken(client, target):
    assert isinstance(ping(client, SOURCE, target), str)
    mention = Mention.objects.get()
    assert (mention.source, mention.protocol, mention.state) == (SOURCE, "pingback", "received")


def test_a_string_needs_no_element(client, target):
    body = (
        f"<?xml version='1.0'?><methodCall><methodName> pingback.ping </methodName><params><param>"
        f"<value>{SOURCE}</value></param><param><value> {target} </value></param></params>"
        f"</methodCall>"
    )
    assert isinstance(send(client, body), str)
    assert Mention.objects.get().source == SOURCE


def test_a_known_source_is_named_so_and_looked_at_again(client, target):
    ping(client, SOURCE, target)
    assert ping(client, SOURCE, target) == 48
    assert Mention.objects.count() == 1


def test_a_webmention_and_a_pingback_of_one_source_are_one_mention(client, target):
    ping(client, SOURCE, target)
    client.post("/webmention", {"source": SOURCE, "target": target})
    assert Mention.objects.get().protocol == "webmention"
    assert ping(client, SOURCE, target) == 48
    assert Mention.objects.get().protocol == "webmention"


@pytest.mark.parametrize(
    ("source", "aim", "code"),
    [
        ("x", None, 16),
        ("http://a@b.example/", None, 16),
        (SOURCE, "https://example.org/", 32),
        (SOURCE, f"{SITE}/nothing/pitches/zzzzzz/", 32),
        (SOURCE, "", 32),
    ],
)
def test_wrong_addresses_have_their_faults(client, target, source, aim, code):
    assert ping(client, source, target if aim is None else aim) == code
    assert not Mention.objects.exists()


def test_source_and_target_may_not_be_the_same_page(client, target):
    assert ping(client, target, target) == 0


def test_a_pitch_that_takes_no_mentions_cannot_be_a_target(client):
    pitch = PitchFactory()
    Rules.objects.create(event=pitch.event, takes_mentions=False)
    assert ping(client, SOURCE, SITE + pitch.get_absolute_url()) == 33


def test_too_many_are_denied(client, target, monkeypatch):
    monkeypatch.setattr("comments.mentions.receive.MOST_A_MINUTE", 1)
    assert isinstance(ping(client, SOURCE, target), str)
    assert ping(client, SOURCE, target) == 49


@pytest.mark.parametrize(
    "source",
    ["http://127.0.0.1/", "http://10.0.0.1:22/", "http://localhost/", "http://nothing.invalid/",
     "http://[::1]/", "http://169.254.169.254/latest/meta-data/"],
)  # fmt: skip
def test_the_answer_says_nothing_about_our_network(client, target, source):
    assert ping(client, source, target) == ping(client, "https://example.org/", target)


@pytest.mark.parametrize(
    ("method", "parameters", "code"),
    [
        ("system.multicall", ([{"methodName": "pingback.ping", "params": ["a", "b"]}],), -32601),
        ("system.listMethods", (), -32601),
        ("pingback.extensions.getPingbacks", ("a",), -32601),
        ("pingback.ping", (), -32602),
        ("pingback.ping", ("a",), -32602),
        ("pingback.ping", ("a", "b", "c"), -32602),
        ("pingback.ping", (1, "b"), -32602),
        ("pingback.ping", (["a"], "b"), -32602),
    ],
)
def test_no_other_call_is_answered(client, method, parameters, code):
    assert ping(client, *parameters, method=method) == code


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<methodCall><methodName>&b;</methodName></methodCall>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<methodCall><methodName>&x;</methodName></methodCall>"
)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"\x00", -32700),
        (b"\xff\xfe\x00", -32700),
        (b"source=a&target=b", -32700),
        (b"<methodCall>", -32700),
        ("<a>\ud800</a>".encode("utf-8", "surrogatepass"), -32700),
        (b"<?xml version='1.0' encoding='utf-7'?><a/>", -32700),
        (b"<?xml version='1.0' encoding='nothing'?><a/>", -32700),
        (b"<?xml version='1.0' encoding='shift_jis'?><a/>", -32700),
        (b"<!DOCTYPE methodCall><methodCall/>", -32700),
        (BOMB.encode(), -32700),
        (OUTSIDE.encode(), -32700),
        (b"<a/>", -32600),
        (b"<methodResponse/>", -32600),
        (b"<methodCall/>", -32601),
        (b"<a>" * 2000 + b"</a>" * 2000, -32600),
        (b"<methodCall>" + b" " * 16 * 1024 + b"</methodCall>", -32600),
    ],
)
def test_nonsense_is_refused(client, body, code):
    assert send(client, body) == code


def test_an_address_with_characters_that_no_row_can_hold_is_refused(client, target):
    body = xmlrpc.client.dumps(("https://blog.example/&#0;", target), "pingback.ping")
    assert send(client, body.replace("&amp;", "&")) == -32700
