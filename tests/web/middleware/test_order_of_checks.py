"""The order of checks: of two things wrong with a request, the earlier one is answered."""

import itertools
from typing import Any

import pytest

from tests.clients import JSON_API, MESSAGES, Client, errors

GOOD = b'{"data":{"type":"message","attributes":{"body":"a"}}}'
BAD_DOCUMENT = b'{"data":{"id":"1","type":"cat","attributes":{}}}'
REPEATING_BAD_DOCUMENT = b'{"data":{"id":"1","type":"cat","attributes":{},"id":"2"}}'

CHECKS: dict[str, dict[str, Any]] = {
    "path-not-found": {"path": f"{MESSAGES}/"},
    "method-not-allowed": {"method": "PUT"},
    "unauthorized": {"authorization": "wrong"},
    "unsupported-media-type": {"content-type": "text/plain"},
    "request-too-large": {"content-length": "10485761"},
    "not-acceptable": {"accept": "text/html"},
    "duplicate-key": {"content": REPEATING_BAD_DOCUMENT},
    "client-generated-id": {"content": BAD_DOCUMENT},
}
"""By the code of the first error, in the order of ruling H2, the faults that make a request fail a check."""


def send(client: Client, *faults: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """Send a request that is good but for some faults; the first of two contents has the other's, too."""
    wanted: dict[str, Any] = {
        "path": MESSAGES,
        "method": "POST",
        "content": GOOD,
        "authorization": "test_key",
        "content-type": JSON_API,
        "accept": JSON_API,
    }
    for fault in reversed(faults):
        wanted |= fault
    path, method, content = (wanted.pop(name) for name in ("path", "method", "content"))
    response = client.request(method, path, content=content, headers=wanted)
    assert response.status_code >= 400
    return errors(response)


@pytest.mark.parametrize("code", CHECKS)
def test_each_check_fails_on_its_own(client: Client, code: str) -> None:
    """Ruling H2: every fault below is one, so that a pair of them proves something."""
    assert send(client, CHECKS[code])[0][1] == code


@pytest.mark.parametrize(("earlier", "later"), [*itertools.combinations(CHECKS, 2)])
def test_of_two_faults_the_earlier_check_answers(client: Client, earlier: str, later: str) -> None:
    """Ruling H2: 404 path, 405, 401, 415, 413, 406, 400 parsing, then the document; each pair of them."""
    found = send(client, CHECKS[earlier], CHECKS[later])
    assert found[0][1] == earlier
    assert later not in [code for _, code, _ in found]


def test_with_everything_wrong_the_path_is_reported(client: Client) -> None:
    """Ruling H2: the first check of all wins over all others together."""
    assert [code for _, code, _ in send(client, *CHECKS.values())] == ["path-not-found"]


@pytest.mark.parametrize(
    ("status", "code", "content"),
    [
        (413, "body-too-large", b'{"data":{"type":"message","attributes":{"body":"%b"}}}' % (b"a" * 1048577)),
        (409, "resource-type-conflict", b'{"data":{"type":"cat","attributes":{"body":"a"}}}'),
        (403, "client-generated-id", b'{"data":{"type":"message","id":"1","attributes":{"body":"a"}}}'),
        (400, "missing-member", b'{"data":{"type":"message","attributes":{}}}'),
    ],
)
def test_errors_of_the_document_come_after_those_of_the_headers(
    client: Client, status: int, code: str, content: bytes
) -> None:
    """Ruling H2: 400, 403, 409 and 413 of the document itself are the last check, after 406."""
    assert send(client, {"content": content})[0][:2] == (str(status), code)
    assert send(client, {"content": content, "accept": "text/html"})[0][1] == "not-acceptable"


def test_a_compressed_body_is_refused_like_its_media_type_before_its_size(client: Client) -> None:
    """Rulings H2, H5: Content-Encoding belongs to the 415, after the key and before the size."""
    packed = {"content-encoding": "gzip"}
    assert send(client, packed, {"authorization": "wrong"})[0][1] == "unauthorized"
    assert send(client, packed, CHECKS["request-too-large"])[0][1] == "unsupported-content-encoding"


def test_a_request_that_any_check_refuses_changes_nothing(client: Client) -> None:
    """Ruling H2: no check lets a message through that a later one refuses."""
    for fault in CHECKS.values():
        send(client, fault)
    assert list(client.sandbox.state.queue.queues) == []


@pytest.mark.parametrize("path", ["/", "/health", "/openapi.yaml", "/openapi.json"])
def test_pages_need_no_key_and_negotiate_nothing(client: Client, path: str) -> None:
    """Ruling H2: the pages beside the API are found before any of the API's checks."""
    response = client.get(path, headers={"authorization": None, "accept": "image/png"})
    assert response.status_code == 200
    assert response.headers["vary"] == "Accept"
