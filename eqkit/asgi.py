"""The server without a socket: an ASGI application, for tests that call it in their own process."""

import asyncio
import json as json_texts
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote

from eqkit import extras
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.web.contracts.settings import ContractSettings

try:
    from eqkit.elasticqueue.service import elasticqueue
    from eqkit.web.app import Application
    from eqkit.web.contracts.application import contract_application
except ImportError as error:
    if not extras.is_of_extra(error):
        raise
    raise ImportError(extras.missing("eqkit.asgi", "server", error)) from error

__all__ = ["Application", "InProcess", "Received", "application"]

_NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class Received:
    """An answer: its status, its headers by their names in lower case, and its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the document of the body; raises ValueError if it is no JSON."""
        return json_texts.loads(self.body)


class InProcess:
    """Asks an application in this very process, for tests that are no coroutines: breakpoints work.

    It is a context manager, and has an event loop of its own until the block is left.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], headers: Mapping[str, str] | None = None) -> None:
        """Take the application, and headers that every request has unless it has its own."""
        self._app, self._headers = app, headers or {}
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        """Return this very object."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the event loop, and all that runs in it."""
        self._runner.close()

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = _NOTHING,
        body: bytes = b"",
    ) -> Received:
        """Send a request to a path, percent-encoded, with its query, and return the whole answer.

        The body is that of a document, as ``application/json`` unless a header names another type, or bytes.
        """
        lines = {name.lower(): value for name, value in (*self._headers.items(), *(headers or {}).items())}
        if json is not _NOTHING:
            body = json_texts.dumps(json).encode()
            lines = {"content-type": "application/json", **lines}
        if body:
            lines["content-length"] = str(len(body))
        return self._runner.run(self._ask(method, target, {"host": "127.0.0.1", **lines}, body))

    async def _ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Received:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 80),
        }
        sent: list[dict[str, Any]] = []
        unread, gone = [body], asyncio.Event()

        async def receive() -> dict[str, Any]:
            if unread:
                return {"type": "http.request", "body": unread.pop(), "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        gone.set()
        start, *parts = sent
        fields = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        return Received(start["status"], fields, b"".join(each.get("body", b"") for each in parts))


def application(**settings: Any) -> Application:
    """Return a mock with settings by their names (``wait_until_unit="seconds"``), and the defaults otherwise.

    With a ``contract`` it is one of that contract, else of ElasticQueue. Values are texts as on the command
    line, or whole numbers and booleans; a repeatable option takes a list. The environment is not read.
    Raises SettingsError or ContractError.
    """
    given = {name: _text(value) for name, value in settings.items()}
    is_other = "contract" in given
    kind = ContractSettings if is_other else ElasticQueueSettings
    unknown = given.keys() - {*kind.__dataclass_fields__}
    if unknown:
        raise TypeError(f"there is no setting {', '.join(sorted(unknown))}")
    if is_other:
        return contract_application(ContractSettings.read(given, environ={}))
    return elasticqueue(ElasticQueueSettings.read(given, environ={}))


def _text(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return [str(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
