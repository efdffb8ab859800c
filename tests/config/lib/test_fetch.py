"""Asking other sites, against real servers on loopback."""

import codecs
import datetime as dt
import gzip
import socket
import ssl
import threading
import time
import zlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config import settings as production
from config.lib import fetch
from tests.webserver import Answer, WebServer


@pytest.fixture
def server(settings):
    with WebServer() as server:
        settings.FETCH_ALLOWED = frozenset({server.netloc})
        yield server


def redirect(to, status=302):
    return Answer(status=status, headers=[("Location", to)])


def drip(head, piece=b"x", every=0.05):
    """An answer that begins with ``head`` and then goes on, little by little."""

    def answer(connection):
        connection.sendall(head)
        for _ in range(200):
            time.sleep(every)
            connection.sendall(piece)

    return answer


def test_a_page_has_its_status_headers_and_body(server):
    server["/a?b=c"] = Answer(
        b"Hallo",
        status=410,
        headers=[("Link", "<1>"), ("LINK", "<2>"), ("Content-Type", "Text/HTML; charset=Latin1")],
    )
    page = fetch.get(f"{server.url}/a?b=c#d")
    assert (page.url, page.status, page.body) == (f"{server.url}/a?b=c", 410, b"Hallo")
    assert (page.content_type, page.charset) == ("text/html", "latin1")
    assert page.values("link") == ["<1>", "<2>"]


def test_nothing_is_said_of_a_type_that_the_server_does_not_name(server):
    server["/"] = Answer(b"x")
    page = fetch.get(server.url)
    assert (page.content_type, page.charset) == ("", "")


def test_neither_cookies_nor_credentials_are_sent_and_nothing_packed_is_asked_for(
    server, settings, monkeypatch, tmp_path
):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("HOME", str(tmp_path))
    server["/a"] = Answer(status=302, headers=[("Set-Cookie", "a=b"), ("Location", "/b")])
    fetch.get(f"{server.url}/a")
    assert [list(asked.headers) for asked in server.asked] == [
        ["Host", "User-Agent", "Accept-Encoding", "Connection", "Accept"]
    ] * 2
    assert server.asked[0].headers["Host"] == server.netloc
    assert server.asked[0].headers["Accept-Encoding"] == "identity"
    assert settings.SITE_URL in server.asked[0].headers["User-Agent"]


def test_a_proxy_of_the_environment_is_not_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetch.get(server.url).status == 404


def test_a_post_brings_its_body_and_type(server):
    server["/"] = Answer(status=202)
    page = fetch.post(server.url, body=b"a=b", content_type="text/x")
    assert page.status == 202
    (asked,) = server.asked
    assert (asked.method, asked.body, asked.headers["Content-Type"]) == ("POST", b"a=b", "text/x")


@pytest.mark.parametrize(
    ("status", "method"),
    [(301, "POST"), (302, "POST"), (303, "GET"), (307, "POST"), (308, "POST")],
)
def test_a_post_is_repeated_where_it_is_redirected_but_for_see_other(server, status, method):
    server["/a"] = redirect("/b", status)
    fetch.post(f"{server.url}/a", body=b"a=b", content_type="text/x")
    assert [(a.method, a.path) for a in server.asked] == [("POST", "/a"), (method, "/b")]


def test_five_redirects_are_followed_relative_to_where_they_stand(server):
    server["/x/1"] = redirect("2", 301)
    server["/x/2"] = redirect("/y/3", 302)
    server["/y/3"] = redirect(f"{server.url}/y/4", 303)
    server["/y/4"] = redirect("?a=b", 307)
    server["/y/4?a=b"] = redirect("z ü", 308)
    server["/y/z%20%C3%BC"] = "there"
    page = fetch.get(f"{server.url}/x/1")
    assert (page.url, page.body) == (f"{server.url}/y/z%20%C3%BC", b"there")


def test_more_redirects_are_not_followed(server):
    server["/"] = redirect("/")
    with pytest.raises(fetch.TooManyRedirects):
        fetch.get(server.url)
    assert len(server.asked) == 6


def test_a_redirect_without_an_address_is_an_answer(server):
    server["/"] = Answer(status=302)
    assert fetch.get(server.url).status == 302


@pytest.mark.parametrize(
    "to",
    [
        "http://localhost/",
        "http://169.254.169.254/latest/",
        "http://[::ffff:127.0.0.1]/",
        "https://127.0.0.1/",
        "file:///etc/passwd",
        "http://a@example.org/",
        "http://[/",
        "http://example.org:22/",
    ],
)
def test_each_redirect_is_checked_again(server, to):
    server["/"] = redirect(to)
    with pytest.raises(fetch.Forbidden):
        fetch.get(server.url)


def test_another_port_of_an_allowed_host_is_not_allowed(server):
    with WebServer() as other:
        server["/"] = redirect(other.url)
        with pytest.raises(fetch.Forbidden):
            fetch.get(server.url)
        assert other.asked == []


@pytest.mark.parametrize("port", ["", ":443", ":80"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "10.1.2.3"])
def test_a_name_or_number_of_the_inside_is_refused(host, port):
    with pytest.raises(fetch.Forbidden):
        fetch.get(f"http://{host}{port}/")


def test_other_ports_are_refused_before_anything_is_resolved(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: pytest.fail("resolved"))
    with pytest.raises(fetch.Forbidden):
        fetch.get("http://example.org:8080/")


def resolving(monkeypatch, *numeric):
    """Names resolve to these; returns the list of names that were asked."""
    asked = []

    def getaddrinfo(host, port, **kwargs):
        asked.append(host)
        for number in numeric:
            family = socket.AF_INET6 if ":" in number else socket.AF_INET
            yield family, socket.SOCK_STREAM, 6, "", (number, port)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("second", ["10.0.0.1", "::1", "fec0::1", "64:ff9b::a00:1", "fe80::1%lo"])
def test_a_name_is_refused_when_one_of_its_addresses_is_not_public(monkeypatch, second):
    resolving(monkeypatch, "93.184.215.14", second)
    with pytest.raises(fetch.Forbidden):
        fetch.get("http://example.org/")


def test_the_connection_goes_to_the_address_that_was_checked(settings, monkeypatch, server):
    asked = resolving(monkeypatch, "127.0.0.1")
    settings.FETCH_ALLOWED = frozenset({f"rebinding.example:{server.port}"})
    fetch.get(f"http://rebinding.example:{server.port}/")
    assert asked == ["rebinding.example"]
    assert server.asked[0].headers["Host"] == f"rebinding.example:{server.port}"


def test_the_next_address_is_tried_when_one_does_not_answer(settings, monkeypatch, server):
    resolving(monkeypatch, "::1", "127.0.0.1")
    settings.FETCH_ALLOWED = frozenset({f"two.example:{server.port}"})
    assert fetch.get(f"http://two.example:{server.port}/").status == 404


def test_a_name_that_does_not_resolve_is_unreachable(monkeypatch):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(fetch.Unreachable):
        fetch.get("http://nothing.example/")


def test_name_servers_do_not_get_more_time_than_there_is(monkeypatch):
    done = threading.Event()

    def getaddrinfo(*args, **kwargs):
        done.wait(5)
        return ()

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(fetch.TimedOut):
        fetch.get("http://slow.example/", timeout=0.1)
    done.set()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (HEAD, b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"H"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (CHUNKED, b"1\r\nx\r\n"),
    ],
)
def test_whoever_answers_drop_by_drop_gets_no_more_time(server, head, piece):
    server["/"] = drip(head, piece)
    begun = time.monotonic()
    with pytest.raises(fetch.TimedOut):
        fetch.get(server.url, timeout=0.15)
    assert time.monotonic() - begun < 5


def test_all_redirects_share_one_deadline(server):
    def slowly(connection):
        time.sleep(0.05)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")

    server["/"] = slowly
    with pytest.raises(fetch.TimedOut):
        fetch.get(server.url, timeout=0.12)


def test_whoever_reads_nothing_gets_no_more_time(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        netloc = "{}:{}".format(*silent.getsockname())
        settings.FETCH_ALLOWED = frozenset({netloc})
        with pytest.raises(fetch.TimedOut):
            fetch.post(f"http://{netloc}/", body=bytes(2**24), content_type="text/x", timeout=0.2)


@pytest.mark.parametrize("head", [HEAD, CHUNKED + b"10000\r\n"])
def test_a_body_without_end_is_too_large(server, head):
    server["/"] = drip(head, b"x" * 2**16, every=0)
    with pytest.raises(fetch.TooLarge):
        fetch.get(server.url, max_bytes=2**15)


def test_a_body_as_large_as_allowed_is_taken(server):
    server["/"] = Answer(b"x" * 1000)
    assert len(fetch.get(server.url, max_bytes=1000).body) == 1000
    with pytest.raises(fetch.TooLarge):
        fetch.get(server.url, max_bytes=999)


def test_what_was_packed_without_being_asked_is_unpacked(server):
    for path, packed in (("/g", gzip.compress(b"Hallo")), ("/d", zlib.compress(b"Hallo"))):
        coding = "gzip" if path == "/g" else "deflate"
        server[path] = Answer(packed, headers=[("Content-Encoding", coding)])
        assert fetch.get(server.url + path).body == b"Hallo"


def test_a_bomb_is_not_unpacked(server):
    server["/"] = Answer(gzip.compress(bytes(2**24)), headers=[("Content-Encoding", "gzip")])
    with pytest.raises(fetch.TooLarge):
        fetch.get(server.url)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff\n\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx",
        CHUNKED + b"zz\r\nx\r\n",
        CHUNKED + b"5\r\nx",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 2**17 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_what_is_no_answer_is_unreachable(server, answer):
    server["/"] = lambda connection: connection.sendall(answer)
    with pytest.raises(fetch.Unreachable):
        fetch.get(server.url)


@pytest.mark.parametrize(
    "kind", ["text/html; charset*=x'y'%FF", "", ";", "\xff", "text/html;charset"]
)
def test_a_strange_type_does_no_harm(server, kind):
    server["/"] = Answer(b"x", headers=[("Content-Type", kind)])
    assert fetch.get(server.url).body == b"x"


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("", "für".encode(), "für"),
        ("utf-8", "für".encode(), "für"),
        ("iso-8859-1", "„für“".encode("cp1252"), "„für“"),
        (
            "",
            '<meta charset="windows-1252">für'.encode("cp1252"),
            '<meta charset="windows-1252">für',
        ),
        ("utf-8", codecs.BOM_UTF16_LE + "für".encode("utf-16-le"), "für"),
        ("latin-1", codecs.BOM_UTF8 + "für".encode(), "für"),
        ("punycode", "für".encode(), "für"),
        ("rot13", "für".encode(), "für"),
        ("no such", "für".encode(), "für"),
        ("utf-8", b"f\xfcr", "f\ufffdr"),
    ],
)
def test_a_page_is_text(charset, body, text):
    page = fetch.Page("", 200, [], body=body, content_type="text/html", charset=charset)
    assert page.text == text


# --- TLS --------------------------------------------------------------------------------------


@pytest.fixture
def tls(tmp_path):
    """A server's side for "localhost"; its certificate is in ``tmp_path / "cert"``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "cert").write_bytes(certificate.public_bytes(pem))
    (tmp_path / "key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    return context


def test_tls_is_verified_against_the_name_and_not_the_pinned_address(
    settings, monkeypatch, tmp_path, tls
):
    names = []
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    with WebServer(tls=tls) as server:
        settings.FETCH_ALLOWED = frozenset(
            {f"localhost:{server.port}", f"other.example:{server.port}"}
        )
        with pytest.raises(fetch.Unreachable):  # nobody vouches for the certificate
            fetch.get(f"https://localhost:{server.port}/")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
        assert fetch.get(f"https://localhost:{server.port}/").status == 404
        resolving(monkeypatch, "127.0.0.1")
        with pytest.raises(fetch.Unreachable):
            fetch.get(f"https://other.example:{server.port}/")
    assert names == ["localhost", "localhost", "other.example"]


def test_nothing_is_allowed_that_is_not_public(settings):
    assert not production.FETCH_ALLOWED
    assert not settings.FETCH_ALLOWED
