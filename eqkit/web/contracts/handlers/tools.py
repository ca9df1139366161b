"""The tools that a handler asks for by name: clock, events, links and the request itself."""

import inspect
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote

import orjson

from eqkit.contract.document import Json
from eqkit.contract.operations import Operation
from eqkit.errors import ApiError
from eqkit.sandbox.sandbox import Sandbox
from eqkit.timing.clock import Alarm
from eqkit.timing.instants import rfc3339
from eqkit.web.contracts.outgoing.webhooks import EXAMPLE, ContractWebhooks
from eqkit.web.messages.context import RequestContext

logger = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KIND = re.compile(r"[a-z.-]{1,40}")
_IN_BRACES = re.compile(r"\{([^{}]*)\}")


class Clock:
    """The clock of a sandbox: its time moves as a test wants, and nothing sleeps by the wall."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Take the sandbox."""
        self._clock = sandbox.clock

    def now(self) -> int:
        """Return the current instant in milliseconds since 1970."""
        return self._clock.now()

    def datetime(self) -> datetime:
        """Return the current instant as a datetime in UTC."""
        return _EPOCH + timedelta(milliseconds=self._clock.now())

    def rfc3339(self) -> str:
        """Return the current instant as ``2016-03-27T23:36:38.238Z``."""
        return rfc3339(self._clock.now())

    def call_at(self, instant_ms: int, callback: Callable[[], Any]) -> Alarm:
        """Call back at an instant, in milliseconds since 1970, and return the alarm, whose `cancel` ends it.

        A coroutine that it returns is run: the clock stands still for it on an advance. An exception is
        logged. A snapshot does not keep the alarm.
        """
        return self._clock.call_at(instant_ms, lambda: self._ring(callback))

    def call_later(self, delay_s: float, callback: Callable[[], Any]) -> Alarm:
        """Call back once some seconds of this clock have gone by (see `call_at`)."""
        return self.call_at(self._later(delay_s), callback)

    async def wait_until(self, instant_ms: int) -> None:
        """Wait for an instant of this clock, in milliseconds since 1970."""
        await self._clock.wait_until(instant_ms)

    async def sleep(self, delay_s: float) -> None:
        """Wait until some seconds of this clock have gone by."""
        await self._clock.wait_until(self._later(delay_s))

    def _later(self, delay_s: float) -> int:
        return self._clock.now() + max(0, round(delay_s * 1000))

    def _ring(self, callback: Callable[[], Any]) -> None:
        """Call back; an exception must not reach the clock, which has more alarms to ring."""
        try:
            result = callback()
        except (Exception, SystemExit):
            logger.exception("an alarm of a handler failed")
            return
        if inspect.iscoroutine(result):
            self._clock.start(_logged(result))


async def _logged(work: Any) -> None:
    try:
        await work
    except (Exception, SystemExit):
        logger.exception("an alarm of a handler failed")


class Events:
    """The events of a sandbox, which tests read and wait for at ``/_mock/events``."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Take the sandbox."""
        self._sandbox = sandbox

    def record(self, kind: str, data: Mapping[str, Any] | None = None) -> None:
        """Record an event at the current instant, with JSON values about it.

        Raises ValueError unless the kind is 1 to 40 small letters, points and hyphens: ``order.shipped``, and
        TypeError for data that is no JSON.
        """
        if not _KIND.fullmatch(kind):
            raise ValueError(f"the kind of an event is 1 to 40 of a-z, '.' and '-', and not {kind!r}")
        self._sandbox.events.record(
            self._sandbox.clock.now(), kind, orjson.loads(orjson.dumps(dict(data or {})))
        )


class Links:
    """Links to the server as the client addressed it."""

    def __init__(self, base: str, operations: Mapping[str, Operation]) -> None:
        """Take the base without a slash at its end, and the operations of the contract by their ids."""
        self.base = base
        self._operations = operations

    def to(self, operation_id: str, **parameters: object) -> str:
        """Return the link of an operation, with the parameters of its path by their names in the contract.

        Raises LookupError for an operation that there is not, or a parameter that is missing.
        """
        operation = self._operations.get(operation_id)
        if operation is None:
            raise LookupError(f"the contract has no operation {operation_id!r}")
        return self.base + _IN_BRACES.sub(
            lambda found: quote(str(parameters[found[1]]), safe=""), operation.path
        )


class Webhooks:
    """The webhooks of the contract, which go to their subscribers in the sandbox."""

    def __init__(self, sandbox: Sandbox, webhooks: ContractWebhooks) -> None:
        """Take the sandbox, and the webhooks of its contract."""
        self._sandbox, self._webhooks = sandbox, webhooks

    def send(
        self,
        name: str,
        body: Json = EXAMPLE,
        *,
        media_type: str | None = None,
        delay_s: float = 0.0,
        method: str | None = None,
    ) -> int:
        """Send a webhook, after some seconds of the sandbox's clock, and return the number of subscribers.

        Without a body it is an example of the contract, or else a generated value; the media type is the
        contract's first unless given, and the method POST, or else its first. A webhook that finds no room is
        dropped, with an event, and goes to none. Raises ValueError for an unknown name, method or media type,
        and for a body that the contract refuses.
        """
        delay_ms = max(0, round(delay_s * 1000))
        try:
            sent = self._webhooks.send(
                self._sandbox, name, body=body, media_type=media_type, delay_ms=delay_ms, method=method
            )
        except ApiError as error:
            # An error of the handler's own: as it is, it would be told to the client.
            detail = "; ".join(f"{each.pointer}: {each.detail}" for each in error.errors)
            raise ValueError(detail) from None
        return sent or 0


class RequestHeaders(Mapping[str, str]):
    """The headers of a request by their names, in which case does not count (RFC 9110 5.1)."""

    def __init__(self, headers: Mapping[bytes, bytes]) -> None:
        """Take the headers by their names in lower case."""
        self._headers = headers

    def __getitem__(self, name: str) -> str:
        """Return the value of a header, several lines joined by commas; raises KeyError."""
        try:
            return self._headers[name.lower().encode("latin-1")].decode("latin-1")
        except (KeyError, UnicodeEncodeError):
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in lower case."""
        return (name.decode("latin-1") for name in self._headers)

    def __len__(self) -> int:
        """Return how many headers there are."""
        return len(self._headers)


class Request:
    """The request as it was sent: method, path, query, headers and body."""

    def __init__(self, context: RequestContext) -> None:
        """Take the request's context."""
        self.method = context.method
        self.path = context.path
        """The path, percent-decoded."""
        self.query_string: str = context.scope["query_string"].decode("latin-1")
        """The query string, percent-encoded, without the question mark."""
        self.headers = RequestHeaders(context.headers)
        self.body = context.body
        """The body as bytes, empty without one."""

    @property
    def query(self) -> dict[str, list[str]]:
        """The values of each name in the query string, also of names that the contract does not have."""
        return parse_qs(self.query_string, keep_blank_values=True, errors="replace")
