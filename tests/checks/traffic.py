"""Traffic that makes a server give every answer of its contract, recorded as a HAR on the client's side."""

import json
from pathlib import Path
from typing import Any

import httpx

from eqkit.contract.operations import Contract, Operation
from eqkit.web.app import load_contract
from tests.clients import JSON_API, message

CONTRACT = Contract(load_contract("elasticqueue.yaml"))
TOO_LONG = "x" * (1 << 20) + "x"


class Recorder:
    """A client of a server that keeps each request and its answer as an entry of a HAR."""

    def __init__(self, url: str, key: str) -> None:
        """Take the server's address and the key to send."""
        self.entries: list[dict[str, Any]] = []
        self._client = httpx.Client(base_url=url, headers={"authorization": key})

    def request(
        self, method: str, path: str, *, document: Any = None, **headers: str | None
    ) -> httpx.Response:
        """Send a request; headers are named with _ for -, and one of None is left out."""
        given: dict[str, str | None] = {} if document is None else {"content-type": JSON_API}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if document is None else json.dumps(document)
        request = self._client.build_request(method, path, content=content)
        for name, value in given.items():
            if value is None:
                del request.headers[name]
            else:
                request.headers[name] = value
        response = self._client.send(request)
        self.entries.append(entry(response))
        return response

    def send(self, operation: Operation, identifier: str = "1", **options: Any) -> httpx.Response:
        """Send a request of an operation, by default a good one."""
        path = operation.path.replace("{queue}", "queue-name").replace("{id}", identifier)
        if operation.method == "POST":
            options.setdefault("document", {"data": [message()] if path.endswith("_bulk") else message()})
        return self.request(operation.method, path, **options)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def save(self, file: Path) -> Path:
        """Close the client and write the HAR."""
        self.close()
        creator = {"name": "tests", "version": "1"}
        file.write_text(json.dumps({"log": {"version": "1.2", "creator": creator, "entries": self.entries}}))
        return file


def entry(response: httpx.Response) -> dict[str, Any]:
    asked = response.request
    headers = [[{"name": n, "value": v} for n, v in each.headers.multi_items()] for each in (asked, response)]
    return {
        "startedDateTime": "2026-03-02T10:00:00Z",
        "request": {
            "method": asked.method,
            "url": str(asked.url),
            "headers": headers[0],
            "postData": {"mimeType": JSON_API, "text": asked.content.decode()} if asked.content else None,
            "bodySize": len(asked.content),
        },
        "response": {
            "status": response.status_code,
            "headers": headers[1],
            "content": {"size": len(response.content), "mimeType": JSON_API, "text": response.text},
        },
    }


def drive(recorder: Recorder) -> None:
    """Send the requests for answers that come by themselves first, and then those for `Prefer`."""
    for operation in CONTRACT.operations.values():
        if operation.method == "POST":
            _enqueue(recorder, operation)
        else:
            _read(recorder, operation)
        recorder.send(operation, authorization=None)
        recorder.send(operation, accept="text/html")
        recorder.send(operation, x_long="x" * 70_000)
        for status in operation.responses:
            recorder.send(operation, prefer=f"code={status}")


def _enqueue(recorder: Recorder, operation: Operation) -> None:
    path = operation.path.replace("{queue}", "queue-name")
    for resource in (
        message(),
        {"type": "message", "attributes": {}},
        {**message(), "id": "1"},
        {**message(), "type": "task"},
        message(TOO_LONG),
    ):
        recorder.send(operation, document={"data": [resource] if path.endswith("_bulk") else resource})
    recorder.send(operation, idempotency_key=f"{operation.id}-1")
    recorder.send(operation, content_type="text/plain")
    recorder.request("PUT", path)
    recorder.request("POST", path + "/", document={})


def _read(recorder: Recorder, operation: Operation) -> None:
    path = "/v1/queues/queue-name/messages"
    identifier = recorder.request("POST", path, document={"data": message()}).json()["data"]["id"]
    recorder.send(operation, identifier)
    recorder.send(operation, "0")
    recorder.request(operation.method, f"{path}/{identifier}?verbose=1")
    recorder.request("PUT", f"{path}/{identifier}", document={})
