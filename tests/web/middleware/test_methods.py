"""Paths and methods: 404, 405 with all that is allowed, OPTIONS without a key, and browsers' preflights."""

import pytest

from eqkit.web.app import Application
from tests.clients import BULK, MESSAGES, Client, errors
from tests.control import Control

MESSAGE = f"{MESSAGES}/72301093732"
ALLOWED = [
    (MESSAGES, "POST, OPTIONS"),
    (BULK, "POST, OPTIONS"),
    (MESSAGE, "GET, HEAD, OPTIONS"),
    (MESSAGE.replace("/v1/", "/v1/api/"), "GET, HEAD, OPTIONS"),
    ("/", "GET, HEAD, OPTIONS"),
    ("/health", "GET, HEAD, OPTIONS"),
    ("/openapi.yaml", "GET, HEAD, OPTIONS"),
]


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/",
        "/v1/queues",
        "/v1/queues/",
        "/v1/queues/a-queue",
        f"{MESSAGES}/",
        f"{BULK}/",
        f"{MESSAGE}/",
        f"{MESSAGE}/body",
        "/V1/queues/a-queue/messages",
        "/v1/queues/a-queue/Messages",
        "/v2/queues/a-queue/messages",
        "/queues/a-queue/messages",
        "/health/",
        "/index.html",
        "/favicon.ico",
        "/_mockery",
        "/v1/api",
        "/v1/api/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "FOO"])
def test_a_path_that_is_not_there_is_a_404_for_every_method(client: Client, method: str, path: str) -> None:
    """Rulings H9, H13: an error document, no redirect, and a trailing slash is another path."""
    response = client.request(method, path)
    assert errors(response) == [("404", "path-not-found", None)]
    assert path in response.json()["errors"][0]["detail"]


@pytest.mark.parametrize(("path", "allowed"), ALLOWED)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"])
def test_another_method_is_a_405_with_all_that_are_possible(
    client: Client, method: str, path: str, allowed: str
) -> None:
    """Ruling H9: `Allow` is complete, wherever a method is refused."""
    response = client.request(method, path)
    if method in allowed.split(", "):
        assert response.status_code != 405
        return
    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    if method != "HEAD":
        assert errors(response) == [("405", "method-not-allowed", None)]


@pytest.mark.parametrize(("path", "allowed"), ALLOWED)
def test_options_answers_without_a_key(client: Client, path: str, allowed: str) -> None:
    """Ruling H9: the methods of a path are no secret; the answer has no content."""
    response = client.request("OPTIONS", path, headers={"authorization": None})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == allowed
    assert "content-length" not in response.headers


def test_a_preflight_allows_the_methods_and_headers_of_a_page(client: Client) -> None:
    """Ruling H9: a browser asks for methods and headers before it sends a key, and gets both."""
    wanted = "authorization,content-type,idempotency-key,prefer"
    response = client.request(
        "OPTIONS",
        MESSAGES,
        headers={
            "authorization": None,
            "origin": "https://page.test",
            "access-control-request-method": "POST",
            "access-control-request-headers": wanted,
        },
    )
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "https://page.test"
    assert response.headers["access-control-allow-credentials"] == "true"
    assert "POST" in response.headers["access-control-allow-methods"].split(", ")
    assert response.headers["access-control-allow-headers"] == wanted
    assert int(response.headers["access-control-max-age"]) > 0


def test_any_page_may_read_every_answer_and_its_headers(client: Client) -> None:
    """Ruling H9: CORS is on for answers, refusals included, and exposes the headers that clients read."""
    for response in (
        client.enqueue(),
        client.get("/nowhere"),
        client.enqueue(headers={"authorization": None}),
    ):
        assert response.headers["access-control-allow-origin"] == "*"
        exposed = set(response.headers["access-control-expose-headers"].split(", "))
        assert {"Location", "Content-Location", "Allow", "Date", "Retry-After", "WWW-Authenticate"} <= exposed


def test_a_page_that_sends_credentials_may_read_every_answer(client: Client) -> None:
    """Fetch 3.3.5: the origin by name, for `*` would be refused; and a cache must not mix origins up."""
    headers = {"origin": "https://page.test"}
    for response in (
        client.enqueue(headers=headers),
        client.enqueue(headers=headers | {"prefer": "code=500"}),
        client.get("/nowhere", headers=headers),
        client.get("/health", headers=headers),
        client.request("OPTIONS", MESSAGES, headers=headers | {"authorization": None}),
        client.get("/_mock/clock", headers={"origin": "http://localhost:3000", "host": "127.0.0.1"}),
    ):
        assert response.headers["access-control-allow-origin"] == response.request.headers["origin"]
        assert response.headers["access-control-allow-credentials"] == "true"
        assert response.headers["vary"] == "Accept, Origin"


def test_an_origin_that_is_none_is_not_repeated(client: Client) -> None:
    """It stands in an answer, and has to be one word."""
    response = client.get("/health", headers={"origin": "https://a.test x"})
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize(
    "path", ["/clock", "/journal", "/queues", "/sandboxes", "/faults", "/events?follow=false"]
)
def test_head_is_where_get_is_on_the_control_plane_too(application: Application, path: str) -> None:
    """RFC 9110 9.3.2: with the headers of GET, and named by `Allow`."""
    control = Control(application)
    control.freeze("2016-03-27T00:00:00Z")
    got, head = control.get(path), control.request("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(got.headers)
    assert "GET, HEAD" in control.request("OPTIONS", path).headers["allow"]


def test_pages_are_answered_to_head_as_to_get(client: Client) -> None:
    """Ruling H9: HEAD has the headers of GET and no body."""
    for path in ("/", "/health", "/openapi.yaml", "/openapi.json"):
        got, head = client.get(path), client.request("HEAD", path)
        assert (head.status_code, head.content, head.headers) == (200, b"", got.headers)
