"""Content negotiation: which Content-Type is taken, and which Accept can be served."""

import gc

import pytest

from eqkit.web.messages.context import RequestContext
from tests.clients import JSON_API, MESSAGES, Client, errors, message


@pytest.mark.parametrize(
    "content_type",
    [
        JSON_API,
        JSON_API.upper(),
        f" {JSON_API} ",
        f"{JSON_API};",
        f'{JSON_API}; profile="https://example.com/unknown"',
        f'{JSON_API};profile="https://example.com/a https://example.com/b"',
        f'{JSON_API}; PROFILE="a;b,c"',
        f"{JSON_API};profile=a ; profile=b",
    ],
)
def test_the_media_type_of_json_api_is_taken(client: Client, content_type: str) -> None:
    """Ruling H5: in any case, and with any profile, which JSON:API wants to be ignored if unknown."""
    assert client.enqueue(headers={"content-type": content_type}).status_code == 202


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "text/plain",
        "application/vnd.api+jsonx",
        "application/vnd.api",
        "application/*",
        "*/*",
        f"{JSON_API}; charset=utf-8",
        f"{JSON_API};charset=bogus",
        f'{JSON_API}; ext="https://jsonapi.org/ext/atomic"',
        f'{JSON_API}; ext=""',
        f'{JSON_API}; profile="a"; ext="b"',
        f"{JSON_API}; q=1",
        f"{JSON_API} profile=a",
        f"{JSON_API}, {JSON_API}",
        f"{JSON_API};;;=",
        "multipart/form-data; boundary=x",
    ],
)
def test_every_other_media_type_is_a_415(client: Client, content_type: str | None) -> None:
    """Ruling H5: no media type, another one, or a parameter but profile; an `ext` names an extension."""
    response = client.enqueue(headers={"content-type": content_type})
    assert errors(response) == [("415", "unsupported-media-type", "Content-Type")]
    assert JSON_API in response.json()["errors"][0]["detail"] or "ext" in (content_type or "")


def test_a_missing_body_is_reported_as_missing(client: Client) -> None:
    """Ruling H5: 415 as for any request without a media type; the detail says that the body is missing."""
    response = client.post(MESSAGES)
    assert errors(response) == [("415", "unsupported-media-type", "Content-Type")]
    assert response.json()["errors"][0]["detail"].startswith("The body is missing; send a document")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "deflate, gzip", "x-unknown"])
def test_a_compressed_body_is_a_415(client: Client, encoding: str) -> None:
    """Ruling H5: compressed bodies are not unpacked."""
    response = client.enqueue(headers={"content-encoding": encoding})
    assert errors(response) == [("415", "unsupported-content-encoding", "Content-Encoding")]


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_a_body_that_is_said_not_to_be_compressed_is_taken(client: Client, encoding: str) -> None:
    """Ruling H5: `identity` is no compression (RFC 9110 8.4.1)."""
    assert client.enqueue(headers={"content-encoding": encoding}).status_code == 202


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        " ",
        "*/*",
        "application/*",
        "application/json",
        JSON_API,
        JSON_API.upper(),
        f"text/html, {JSON_API};q=0.1",
        f"{JSON_API}; q=0.001",
        f'{JSON_API}; profile="https://example.com/x"',
        f'{JSON_API}; ext="https://example.com/x", {JSON_API}',
        f"{JSON_API};q=0, */*",
        "application/json;q=0, */*;q=0.5",
        "text/*;q=0.9, */*;q=0.1",
        "*/*;q=0, application/*;q=0.2",
        "application/json; charset=utf-8",
        "not a media range",
        ",,,",
        f"{JSON_API};q=nonsense",
        'text/html;a="b, c", */*',
    ],
)
def test_json_is_answered_unless_it_is_ruled_out(client: Client, accept: str | None) -> None:
    """Ruling H6: any range that lets JSON:API or JSON through is fine, and so is none at all."""
    response = client.enqueue(headers={"accept": accept})
    assert response.status_code == 202
    assert response.headers["content-type"] == JSON_API


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "text/*",
        "application/xml, text/html;q=0.5",
        f"{JSON_API};q=0",
        "*/*;q=0",
        "application/*;q=0",
        "application/*;q=0, */*",
        f"{JSON_API};q=0, application/json;q=0, */*",
        f"{JSON_API};q=0.000, application/*;q=0.0",
        f"{JSON_API}; charset=utf-8",
        f'{JSON_API}; ext="https://jsonapi.org/ext/atomic"',
        "application/jsonp",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_client_that_rules_json_out_gets_a_406(client: Client, method: str, accept: str) -> None:
    """Ruling H6: the most specific range counts, q=0 is honoured, and parameters rule a range out."""
    path, content = (MESSAGES, b"{}") if method == "POST" else (f"{MESSAGES}/1", None)
    response = client.request(method, path, content=content, headers={"accept": accept})
    assert errors(response) == [("406", "not-acceptable", "Accept")]


def test_every_answer_varies_by_accept(client: Client) -> None:
    """Ruling H6: caches keep refusals by Accept apart, at any status."""
    link = client.enqueue().headers["location"]
    answers = {
        response.status_code: response
        for response in (
            client.enqueue(),
            client.get(link),
            client.request("HEAD", link),
            client.request("OPTIONS", MESSAGES),
            client.post(MESSAGES, json={}),
            client.enqueue(headers={"authorization": None}),
            client.get("/nowhere"),
            client.get(MESSAGES),
            client.enqueue(headers={"accept": "text/html"}),
            client.post(MESSAGES, json={"data": message() | {"type": "cat"}}),
            client.enqueue(headers={"content-type": None}),
            client.enqueue(headers={"prefer": "code=503"}),
        )
    }
    assert sorted(answers) == [200, 202, 204, 400, 401, 404, 405, 406, 409, 415, 503]
    assert {response.headers["vary"] for response in answers.values()} == {"Accept"}


@pytest.mark.parametrize(
    "headers", [{"content-type": "text/plain"}, {"accept": "text/html"}, {"authorization": "wrong"}]
)
def test_a_refusal_leaves_nothing_of_its_request_behind(client: Client, headers: dict[str, str]) -> None:
    """Rulings H5, H6: the server remembers the meaning of a header, and never its sender or its request."""
    before = exchanges()
    for _ in range(3):
        assert client.enqueue(headers=headers).status_code >= 400
    assert exchanges() == before


def exchanges() -> int:
    """Return how many exchanges are still referred to."""
    gc.collect()
    return sum(isinstance(each, RequestContext) for each in gc.get_objects())
