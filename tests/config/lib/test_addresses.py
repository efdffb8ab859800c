"""Which addresses may be asked: pure functions."""

import ipaddress

import pytest

from config.lib.addresses import NotAllowed, is_public, take_apart


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "100.63.0.1", "192.0.1.1", "223.0.0.1",
     "2606:4700::1111", "2a01:4f8::1", "2001:200::1", "2400:cb00::1"],
)  # fmt: skip
def test_an_address_of_the_open_internet_is_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",  # IPv4-compatible
        "::8.8.8.8",
        "::ffff:127.0.0.1",  # IPv4-mapped
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",  # IPv4-translated
        "64:ff9b::7f00:1",  # NAT64
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",  # discard
        "2001::1",  # Teredo
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",  # benchmarks
        "2001:10::1",  # ORCHID
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",  # 6to4
        "2002:808:808::1",
        "3ffe::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",  # site-local
        "feff::1",
        "ff02::1",
    ],
)
def test_no_other_address_is_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://example.org", "http://example.org/"),
        ("HTTP://EXAMPLE.org:80/A?b=c#d", "http://example.org/A?b=c"),
        ("https://example.org:443/", "https://example.org/"),
        ("https://example.org:80/", "https://example.org:80/"),
        ("http://[2606:4700:0::1111]/x", "http://[2606:4700::1111]/x"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        (
            "https://münchen.example/straße?q=ä",
            "https://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%A4",
        ),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("http://a_b.example/%7Ex", "http://a_b.example/%7Ex"),
        ("http://example.org/?a=http://x@y/", "http://example.org/?a=http://x@y/"),
    ],
)
def test_an_address_is_read_in_one_form(url, read):
    assert take_apart(url).url == read


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http:example.org",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://@example.org/",
        "http://8.8.8.8@127.0.0.1/",
        "http://example.org\\@127.0.0.1/",
        "http://127.0.0.1\\.example.org/",
        "http://example.org:x/",
        "http://example.org:80:81/",
        "http://example.org:70000/",
        "http://example.org:-1/",
        "http://exam ple.org/",
        "http://example.org/\n",
        "http://example.org/\x00",
        "http://example.org/\ud800",
        " http://example.org/",
        "http://example.org./",
        "http://127.0.0.1./",
        "http://localhost./",
        "http://.example.org/",
        "http://exa..mple/",
        "http://-a.example/",
        "http://a-.example/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://0x7f.0.0.1/",
        "http://127.0.0.0x1/",
        "http://127.0.0.01/",
        "http://127.0.0.1.1/",
        "http://1.2.3.256/",
        "http://example.1/",
        "http://１２７.0.0.1/",
        "http://127。0。0。0x1/",
        "http://①②⑦.0.0.1/",
        "http://ⓔxample.org/",
        "http://ex\u00adample.org/",
        "http://exam\u200dple.org/",
        "http://%31%32%37.0.0.1/",
        "http://127.0.0.1%2f.example.org/",
        "http://[::1/",
        "http://[::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[127.0.0.1]/",
        "http://[v1.x]/",
        "http://[example.org]/",
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 130 + "example/",
        "http://example.org/" + "a" * 2000,
    ],
)
def test_an_address_that_could_be_read_in_two_ways_is_refused(url):
    with pytest.raises(NotAllowed):
        take_apart(url)
