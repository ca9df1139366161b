"""Spoilers of a server: ASGI wrappers that alter its requests or its responses."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(slots=True)
class Asked:
    """A request on its way in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: str = ""

    @property
    def is_bulk(self) -> bool:
        """Whether many messages are enqueued."""
        return self.path.endswith("/_bulk")

    @property
    def document(self) -> Any:
        """The document, or None for bytes that are not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @document.setter
    def document(self, value: Any) -> None:
        self.body = json.dumps(value).encode()


@dataclass(slots=True)
class Answered:
    """An answer on its way out."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The document, or None where there is none."""
        return json.loads(self.body) if self.body else None

    @document.setter
    def document(self, value: Any) -> None:
        self.body = json.dumps(value).encode()
        self.headers["content-length"] = str(len(self.body))


Ask = Callable[[Asked], Awaitable[Answered]]
Spoiler = Callable[[Asked, Ask], Awaitable[Answered]]
"""Takes a request and the server behind, and answers as it likes."""


@dataclass(slots=True)
class Mutant:
    """An application with a spoiler in front of it; the control plane is let through."""

    app: App
    spoiler: Spoiler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_mock"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        asked = Asked(
            scope["method"], scope["path"], headers, await _read(receive), scope["query_string"].decode()
        )

        async def ask(changed: Asked) -> Answered:
            return await _answer(self.app, scope, changed)

        answered = await self.spoiler(asked, ask)
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in answered.headers.items()]
        await send({"type": "http.response.start", "status": answered.status, "headers": pairs})
        await send({"type": "http.response.body", "body": answered.body})


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    return body


async def _answer(app: App, scope: Scope, asked: Asked) -> Answered:
    asked.headers["content-length"] = str(len(asked.body))
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in asked.headers.items()]
    answered = Answered(0, {}, b"")

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(part: Message) -> None:
        if part["type"] == "http.response.start":
            answered.status = part["status"]
            answered.headers = {name.decode(): value.decode("latin-1") for name, value in part["headers"]}
        else:
            answered.body += part.get("body", b"")

    changed = {
        "method": asked.method,
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "query_string": asked.query.encode(),
        "headers": pairs,
    }
    await app({**scope, **changed, "state": {}}, receive, send)
    return answered
