"""A synchronous client of an ASGI application, for tests that need no socket."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import jsonschema_rs

from eqkit.errors import CODES
from eqkit.sandbox.journal.entries import JournalEntry
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.app import Application, load_contract

KEY = "test_key"
JSON_API = "application/vnd.api+json"
MESSAGES = "/v1/queues/a-queue/messages"
BULK = f"{MESSAGES}/_bulk"

_CONTRACT = load_contract("elasticqueue.yaml")
_IS_ERROR_DOCUMENT = jsonschema_rs.Draft4Validator(
    _CONTRACT.inlined(_CONTRACT.at("/components/schemas/ErrorDocument"))
).is_valid


class Client:
    """Sends requests with a good key, and a good media type where there is a body."""

    base_url = "http://mock.test"
    media_type = JSON_API

    def __init__(self, application: Application, key: str | None = KEY) -> None:
        """Take the application; `key` None sends none."""
        self._application = application
        self._key = key

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request; header values of None are left out."""
        return asyncio.run(self.send(method, path, **options))

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request from inside an event loop, where several can be under way."""
        headers: dict[str, str | None] = {"authorization": self._key}
        if "json" in options or "content" in options:
            headers["content-type"] = self.media_type
        headers |= options.pop("headers", {})
        options["headers"] = {name: value for name, value in headers.items() if value is not None}
        transport = httpx.ASGITransport(self._application)
        async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
            return await client.request(method, path, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Send a GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send a POST."""
        return self.request("POST", path, **options)

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox behind the client's key."""
        sandbox = self._application.sandboxes.of(self._key or "")
        assert sandbox is not None
        return sandbox

    @property
    def journal(self) -> Sequence[JournalEntry]:
        """The journal of the client's key so far."""
        return tuple(self.sandbox.journal.entries)

    def enqueue(self, body: str = "hello", wait_until: Any = None, **options: Any) -> httpx.Response:
        """Enqueue one message."""
        return self.post(MESSAGES, json={"data": message(body, wait_until)}, **options)


def message(body: Any = "hello", wait_until: Any = None) -> dict[str, Any]:
    """Return a resource object for a new message."""
    attributes = {"body": body} if wait_until is None else {"body": body, "wait-until": wait_until}
    return {"type": "message", "attributes": attributes}


def assert_error_document(document: Any, status: int) -> None:
    """Hold an error document against the contract, and against the status it came with (rulings B10, B13)."""
    assert _IS_ERROR_DOCUMENT(document), document
    statuses = {error["status"] for error in document["errors"]}
    assert status == (int(*statuses) if len(statuses) == 1 else 400)
    for error in document["errors"]:
        code = CODES[error["code"]]
        assert (error["status"], error["title"]) == (str(code.status), code.title)


def errors(response: httpx.Response) -> list[tuple[str, str, str | None]]:
    """Return (status, code, place) of each error of an answer, having held it against the contract."""
    assert response.headers["content-type"] == JSON_API
    assert_error_document(response.json(), response.status_code)
    return [
        (error["status"], error["code"], next(iter(error.get("source", {}).values()), None))
        for error in response.json()["errors"]
    ]
