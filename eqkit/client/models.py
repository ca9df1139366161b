"""The answers of the control plane, as records: a member ``due-at`` is the attribute ``due_at``."""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")
JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """A sandbox's clock.

    `next_due` is when the next thing falls due, None while nothing waits; `auto_advance` tells whether the
    clock skips the time in which nothing happens.
    """

    now: datetime
    frozen: bool
    rate: float
    auto_advance: bool = False
    next_due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event; the content of `data` holds depends on the kind."""

    number: int
    at: datetime
    kind: str
    data: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The clock after it was moved, with the first thousand events on the way and their number.

    If they are not `complete`, `missing` counts the rest by kind, and `lost` those that are not kept any
    more; ``events.watch(after=moved.shown_until, follow=False)`` gives the rest.
    """

    clock: ClockState
    happened: tuple[Event, ...]
    total: int
    complete: bool
    missing: tuple[JsonObject, ...] = ()
    lost: int = 0
    shown_until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery of a message; `lateness_ms` is below 0 where it was run by hand before its time."""

    queue: str
    id: str
    due_at: datetime
    delivered_at: datetime
    attempt: int
    lateness_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """Deliveries, oldest first, and how many there were in the sandbox so far."""

    deliveries: tuple[Delivery, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMessage:
    """A message that is not delivered yet; `wait_until` is as it was sent, None if it was not."""

    queue: str
    id: str
    body: str
    accepted_at: datetime
    due_at: datetime
    wait_until: int | None = None
    wait_until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMessages:
    """Messages in the order in which they fall due, and how many are pending in the sandbox."""

    messages: tuple[PendingMessage, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue, how much is pending in it, and whether its deliveries are held back."""

    name: str
    pending: int
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """The queues of a sandbox, in the order in which they were made."""

    queues: tuple[Queue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How many messages were forgotten."""

    purged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """How much there is in a sandbox."""

    name: str
    clock: ClockState
    queues: int
    pending: int
    delivered: int
    requests: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandboxes:
    """The sandboxes that there are, the one used last at the end."""

    sandboxes: tuple[Sandbox, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A subscription; it has its secret when it is made or read by itself, not in a list."""

    id: str
    url: str
    disabled: bool
    max_attempts: int
    first_retry_ms: int
    on_the_way: int
    attempts: int
    succeeded: int
    dead_lettered: int
    queue: str | None = None
    webhooks: tuple[str, ...] = ()
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """The subscriptions of a sandbox in the order in which they were made."""

    webhooks: tuple[Webhook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSent:
    """A webhook of a contract that was sent, and the number of its subscribers."""

    webhook: str
    subscribers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAttempt:
    """One attempt to post a message: its answer or error, and the time of the next attempt."""

    number: int
    at: datetime
    webhook_id: str
    queue: str
    id: str
    attempt: int
    outcome: str
    status: int | None = None
    error: str | None = None
    next_retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAttempts:
    """Attempts, oldest first, and how many there were so far."""

    attempts: tuple[WebhookAttempt, ...]
    total: int


def reader(kind: type[Record]) -> Callable[[Any], Record]:
    """Return a function that makes a record of a JSON object; members it does not know are left out."""
    hashable: Any = kind
    read: Callable[[Any], Record] = _reader(hashable)
    return read


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    if kind is datetime:
        return datetime.fromisoformat
    if get_origin(kind) is tuple:
        read_one = _reader(get_args(kind)[0])
        return lambda items: tuple(read_one(item) for item in items)
    if get_origin(kind) in (Union, types.UnionType):
        # The only unions are with None, which stands for an absent member.
        return _reader(next(each for each in get_args(kind) if each is not types.NoneType))
    if not hasattr(kind, "__dataclass_fields__"):
        return lambda value: value
    hints = get_type_hints(kind)
    readers = [(each, each.name.replace("_", "-"), _reader(hints[each.name])) for each in fields(kind)]

    def read(document: JsonObject) -> Any:
        return kind(
            **{
                each.name: read_member(document[member])
                for each, member, read_member in readers
                if member in document or each.default is MISSING
            }
        )

    return read
