"""The docs' own examples, replayed byte for byte with the blank line mended, by three clients."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from tests.clients import JSON_API
from tests.processes import ServerProcess, running
from tests.web.sockets import connected

SAMPLE_KEY = "xxxxxxxxxxxxxxx"
SINGLE_BODY = b"""{
  "data": {
    "type": "message",
    "attributes": {
      "body": "body-of-message-1",
      "wait-until": 1459121798238
    }
  }
}"""
SINGLE_HEAD = b"""POST /v1/queues/queue-name/messages HTTP/1.1
Accept: application/vnd.api+json
Content-Type: application/vnd.api+json
Authorization: xxxxxxxxxxxxxxx
"""
BULK_BODY = b"""{
  "data": [
    {
      "type": "message",
      "attributes": {
        "body": "body-of-message-1",
        "wait-until": 1459121798238
      }
    },
    {
      "type": "message",
      "attributes": {
        "body": "body-of-message-2",
        "wait-until": 1459121798238
      }
    }
  ]
}"""
BULK_HEAD = b"""POST /v1/queues/queue-name/messages/_bulk HTTP/1.1
Accept: application/vnd.api+json
Content-Type: application/vnd.api+json
"""
SINGLE_ANSWER = """{
  "data": {
    "type": "message",
    "id": "72301093732",
    "links": {
      "self": "https://www.elasticqueue.com/v1/api/queues/my-queue/messages/72301093732"
    }
  }
}"""
BULK_ANSWER = """{
  "data": [
    {
      "type": "message",
      "id": "72301093732",
      "links": {
        "self": "https://www.elasticqueue.com/v1/api/queues/my-queue/messages/72301093732"
      },
      "type": "message",
      "id": "72301093737",
      "links": {
        "self": "https://www.elasticqueue.com/v1/api/queues/my-queue/messages/72301093737"
      }
    }
  ]
}"""
TARGETS = ["/v1/queues/queue-name/messages", "/v1/queues/queue-name/messages/_bulk"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of its own, in which the documented key has not been used."""
    with running(tmp_path, "--validate-responses", "true") as server:
        yield server


def resources(answer: str) -> list[dict[str, Any]]:
    """Return the resource objects of a documented answer, two for one that repeats its keys (ruling D5)."""

    def split(pairs: list[tuple[str, Any]]) -> Any:
        if [key for key, _ in pairs].count("type") == 2:
            return [dict(pairs[:3]), dict(pairs[3:])]
        return dict(pairs)

    data = json.loads(answer, object_pairs_hook=split)["data"]
    return data[0] if isinstance(data, list) else [data]


def corrected(answer: str, first_id: int, url: str) -> list[dict[str, Any]]:
    """Return a documented answer after the rulings: contiguous ids, and links that can be fetched."""
    found = resources(answer)
    for index, resource in enumerate(found):
        resource["id"] = str(first_id + index)
        # Rulings D3, D4 and H8: the canonical path, the request's queue, and the address that was used.
        resource["links"]["self"] = f"{url}/v1/queues/queue-name/messages/{resource['id']}"
    return found


def assert_answers(url: str, answers: list[tuple[int, dict[str, str], bytes]]) -> None:
    """Hold two answers against the docs' two, after the rulings' corrections."""
    (status, headers, body), (bulk_status, bulk_headers, bulk_body) = answers
    assert status == bulk_status == 202
    for each in (headers, bulk_headers):
        named = {name.lower(): value for name, value in each.items()}
        assert named["content-type"] == JSON_API
        assert "authorization" not in named
    version = {"jsonapi": {"version": "1.1"}}
    (single,) = corrected(SINGLE_ANSWER, 72301093732, url)
    assert json.loads(body) == {**version, "data": single}
    bulk = corrected(BULK_ANSWER, 72301093733, url)
    assert len(bulk) == 2
    assert json.loads(bulk_body) == {**version, "data": bulk}


def test_the_first_documented_id_is_the_first_id(server: ServerProcess) -> None:
    """Ruling B11: seed 0 begins with the id that the docs print."""
    assert resources(SINGLE_ANSWER)[0]["id"] == resources(BULK_ANSWER)[0]["id"] == "72301093732"
    headers = {"authorization": SAMPLE_KEY, "content-type": JSON_API}
    response = httpx.post(server.url + TARGETS[0], content=SINGLE_BODY, headers=headers)
    assert response.json()["data"]["id"] == "72301093732"


def test_the_documented_bytes_work_on_one_connection(server: ServerProcess) -> None:
    """Rulings D1, D5, D6, D7, D10: the docs' bytes with a blank line, Host, length, and the bulk's key."""
    host = f"127.0.0.1:{server.address[1]}"
    added = [b"", f"Authorization: {SAMPLE_KEY}\n".encode()]
    answers = []
    with connected(server.address) as connection:
        for head, body, more in zip([SINGLE_HEAD, BULK_HEAD], [SINGLE_BODY, BULK_BODY], added, strict=True):
            mended = head + more + b"Host: %b\nContent-Length: %d\n\n" % (host.encode(), len(body))
            connection.send(mended.replace(b"\n", b"\r\n") + body)
            reply = connection.reply()
            answers.append((reply.status, reply.headers, reply.body))
    assert_answers(f"http://{host}", answers)


def test_the_documented_bytes_as_printed_are_malformed(live: ServerProcess) -> None:
    """Ruling D10: without the blank line the body is read as headers, and refused as such."""
    with connected(live.address) as connection:
        connection.send(SINGLE_HEAD.replace(b"\n", b"\r\n") + SINGLE_BODY + b"\r\n\r\n")
        reply = connection.reply()
    assert (reply.status, reply.json()["errors"][0]["code"]) == (400, "malformed-request")


def test_the_documented_bulk_as_printed_lacks_its_key(live: ServerProcess) -> None:
    """Ruling D6: the docs' bulk call has no Authorization, which every operation needs."""
    headers = {"accept": JSON_API, "content-type": JSON_API}
    response = httpx.post(live.url + TARGETS[1], content=BULK_BODY, headers=headers)
    assert response.status_code == 401


def test_the_documented_requests_work_with_httpx_on_one_connection(server: ServerProcess) -> None:
    """Rulings D1, D5: a keep-alive client reads both answers, which the docs' literal 204 would break."""
    headers = {"accept": JSON_API, "content-type": JSON_API, "authorization": SAMPLE_KEY}
    answers, connections = [], set()
    with httpx.Client(base_url=server.url, headers=headers) as client:
        for target, body in zip(TARGETS, [SINGLE_BODY, BULK_BODY], strict=True):
            response = client.post(target, content=body)
            answers.append((response.status_code, dict(response.headers), response.content))
            connections.add(response.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(connections) == 1
    assert_answers(server.url, answers)


def test_the_documented_requests_work_with_aiohttp_on_one_connection(server: ServerProcess) -> None:
    """Rulings D1, D5: the same with a client that reads HTTP by another parser."""
    headers = {"Accept": JSON_API, "Content-Type": JSON_API, "Authorization": SAMPLE_KEY}

    connections = []

    async def count(*_: object) -> None:
        connections.append(1)

    async def send() -> list[tuple[int, dict[str, str], bytes]]:
        answers = []
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(count)
        async with aiohttp.ClientSession(server.url, headers=headers, trace_configs=[trace]) as session:
            for target, body in zip(TARGETS, [SINGLE_BODY, BULK_BODY], strict=True):
                async with session.post(target, data=body) as response:
                    answers.append((response.status, dict(response.headers), await response.read()))
        return answers

    assert_answers(server.url, asyncio.run(send()))
    assert len(connections) == 1


def test_the_documented_time_is_the_week_in_which_the_docs_were_written(server: ServerProcess) -> None:
    """Rulings D2, D3: the docs' wait-until is milliseconds, and their spelling of the link is read."""
    headers = {"authorization": SAMPLE_KEY, "content-type": JSON_API}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        client.post(TARGETS[0], content=SINGLE_BODY).raise_for_status()
        path = httpx.URL(resources(SINGLE_ANSWER)[0]["links"]["self"]).path.replace("my-queue", "queue-name")
        read = client.get(path).json()["data"]
    assert read["attributes"] == {"body": "body-of-message-1", "wait-until": 1459121798238}
    assert read["meta"]["wait-until-at"] == "2016-03-27T23:36:38.238Z"
    assert read["meta"]["due-at"] == read["meta"]["accepted-at"]
