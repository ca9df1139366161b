"""The address that self links begin with: the one that the client used, as far as it can be believed."""

import ipaddress
import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from eqkit.settings import Settings
from eqkit.web.app import Application
from eqkit.web.messages.links import LinkBases
from tests.clients import BULK, JSON_API, Client, message
from tests.processes import ServerProcess

PATH = "/v1/queues/a-queue/messages/72301093732"
PROXY = (ipaddress.ip_network("127.0.0.0/8"),)
ELSEWHERE = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128"))
"""httpx sends its in-process requests from 127.0.0.1."""


def base(client: Client, **headers: str) -> str:
    """Enqueue with headers and return the beginning of the self link."""
    response = client.enqueue(headers={name.replace("_", "-"): value for name, value in headers.items()})
    link: str = response.json()["data"]["links"]["self"]
    assert response.headers["location"] == link
    assert "/v1/queues/a-queue/messages/" in link
    return link[: link.index("/v1/queues/")]


@pytest.mark.parametrize(
    "host",
    [
        "mock.test",
        "mock.test:8080",
        "localhost",
        "127.0.0.1:80",
        "[::1]:8080",
        "a_b.test",
        "xn--bcher-kva.de",
    ],
)
def test_a_link_begins_with_the_host_that_the_client_used(client: Client, host: str) -> None:
    """Ruling H8: without a public URL and a proxy, the request's Host is the address."""
    assert base(client, host=host) == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "a b",
        "a/b",
        "a?b",
        "a#b",
        "user@host",
        "user:password@host",
        "<script>",
        "mock.test:port",
        "mock.test:123456",
        "mock.test:",
        ":80",
        "a,b",
        "-mock.test",
        "é.test",
        "a" * 300,
        "[::1",
        "mock.test\\",
    ],
)
def test_a_host_that_makes_no_sense_gives_a_relative_link(client: Client, host: str) -> None:
    """Ruling H8: a link must not carry any text from Host; a relative one leads home."""
    response = client.enqueue(headers={"host": host.encode("latin-1")})
    assert response.json()["data"]["links"]["self"] == response.headers["location"] == PATH
    assert client.get(PATH).json()["data"]["id"] == "72301093732"


def test_the_public_url_stands_above_all(set_up: Callable[..., Application]) -> None:
    """Ruling H8: `--public-url`, its path included, begins every link, for any headers."""
    client = Client(set_up(public_url="https://queue.example/base", trusted_proxy=PROXY))
    public = "https://queue.example/base"
    assert base(client, forwarded="host=other.test", x_forwarded_host="other.test") == public
    bulk = client.post(BULK, json={"data": [message()]}).json()["data"]
    assert bulk[0]["links"]["self"].startswith(f"{public}/v1/queues/a-queue/messages/")
    assert f"{public}/v1/queues/my-queue/messages" in client.get("/").text


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"forwarded": "host=shop.test"}, "http://shop.test"),
        ({"forwarded": "proto=https;host=shop.test"}, "https://shop.test"),
        ({"forwarded": 'for=192.0.2.1; Host="shop.test:8443"; Proto=HTTPS'}, "https://shop.test:8443"),
        ({"forwarded": "host=shop.test, host=inner.test;proto=https"}, "http://shop.test"),
        ({"forwarded": "proto=https"}, "https://mock.test"),
        ({"forwarded": "proto=gopher;host=shop.test"}, "http://shop.test"),
        ({"forwarded": 'host="a b"'}, ""),
        ({"forwarded": "for=1.2.3.4;host=shop.test;xhost=evil.test"}, "http://shop.test"),
        ({"forwarded": 'for="x, host=evil.test";host=shop.test'}, "http://shop.test"),
        ({"forwarded": r'for="\";host=evil.test;\"";host=shop.test'}, "http://shop.test"),
        ({"forwarded": r'host="shop\.test";proto="ht\tps"'}, "https://shop.test"),
        ({"forwarded": 'for="[2001:db8::1]:80";by=_gate;;host="[::1]:81"'}, "http://[::1]:81"),
        ({"forwarded": "host=shop.test", "x_forwarded_host": "x.test"}, "http://shop.test"),
        ({"forwarded": "", "x_forwarded_host": "x.test"}, "http://mock.test"),
        ({"x_forwarded_host": "x.test", "x_forwarded_proto": "https"}, "https://x.test"),
        ({"x_forwarded_host": "x.test, y.test", "x_forwarded_proto": "https, http"}, "https://x.test"),
        ({"x_forwarded_proto": "https"}, "https://mock.test"),
        ({"x_forwarded_proto": "javascript"}, "http://mock.test"),
        ({"x_forwarded_host": "evil/path"}, ""),
        ({}, "http://mock.test"),
    ],
)
def test_a_trusted_proxy_sets_the_address(
    set_up: Callable[..., Application], headers: dict[str, str], expected: str
) -> None:
    """Ruling H8: Forwarded (RFC 7239) goes before X-Forwarded-*; the first hop counts, if it is valid."""
    assert base(Client(set_up(trusted_proxy=PROXY)), **headers) == expected


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "::FFFF:7F00:1"])
def test_a_proxy_is_trusted_by_its_address_however_that_is_written(
    address: str,
) -> None:
    """RFC 4291 2.5.5.2: a dual-stack socket sees an IPv4 client as an IPv6 address with the other in it."""
    settings = Settings(trusted_proxy=PROXY)
    scope = {"scheme": "http", "client": (address, 80)}
    assert LinkBases(settings).of(scope, {b"forwarded": b"host=shop.test"}).base == "http://shop.test"


@pytest.mark.parametrize("trusted", [(), ELSEWHERE])
@pytest.mark.parametrize(
    "headers",
    [
        {"forwarded": "host=evil.test;proto=https"},
        {"x_forwarded_host": "evil.test", "x_forwarded_proto": "https"},
    ],
)
def test_nobody_else_is_believed(
    set_up: Callable[..., Application], trusted: tuple[object, ...], headers: dict[str, str]
) -> None:
    """Ruling H8: from an address that is not a configured proxy, these headers mean nothing."""
    assert base(Client(set_up(trusted_proxy=trusted)), **headers) == "http://mock.test"


@pytest.mark.parametrize("queue", [".", ".."])
def test_a_queue_of_dots_is_reached_by_a_client_that_sends_its_link_unchanged(
    live: ServerProcess, queue: str
) -> None:
    """Ruling H13: such a name is a name, though many a client takes it for a step within the path."""
    headers = {"authorization": "test_dots", "content-type": JSON_API}
    document = json.dumps({"data": message("hello")}).encode()

    def ask(url: str, data: bytes | None = None) -> Any:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
            return json.load(answer)["data"]

    made = ask(f"{live.url}/v1/queues/{queue}/messages", document)
    for spelt in (queue, queue.replace(".", "%2E")):
        assert ask(f"{live.url}/v1/queues/{spelt}/messages/{made['id']}")["id"] == made["id"]
    assert ask(made["links"]["self"])["id"] == made["id"]
