"""The mutants: each with its name, its spoiler, and the rule of the finding that gives it away."""

import dataclasses
from collections.abc import Callable
from typing import Any

from tests.elasticqueue.probe.mutants.spoilers import Answered, Ask, Asked, Spoiler

MUTANTS: dict[str, tuple[str, Spoiler]] = {}

SENT: dict[str, str] = {}


def mutant(rule: str) -> Callable[[Spoiler], Spoiler]:
    """Register a spoiler, with the rule that is to catch it."""

    def register(spoiler: Spoiler) -> Spoiler:
        MUTANTS[str(spoiler.__doc__).rstrip(".")] = (rule, spoiler)
        return spoiler

    return register


def answers(rule: str, message: str, change: Callable[[Asked, Answered], object]) -> None:
    """Register a mutant that alters answers."""

    async def spoiler(asked: Asked, ask: Ask) -> Answered:
        answered = await ask(asked)
        change(asked, answered)
        return answered

    MUTANTS[message] = (rule, spoiler)


def requests(rule: str, message: str, change: Callable[[Asked], object]) -> None:
    """Register a mutant that understands requests otherwise than they were sent."""

    async def spoiler(asked: Asked, ask: Ask) -> Answered:
        change(asked)
        return await ask(asked)

    MUTANTS[message] = (rule, spoiler)


def on(status: int, method: str, change: Callable[[Answered], object]) -> Callable[[Asked, Answered], object]:
    """Alter the answers of one status to one method."""
    return lambda asked, answered: (
        change(answered) if (answered.status, asked.method) == (status, method) else None
    )


def edit(change: Callable[[Any], object]) -> Callable[[Answered], None]:
    """Alter the document of an answer."""

    def edited(answered: Answered) -> None:
        document = answered.document
        change(document)
        answered.document = document

    return edited


def single(change: Callable[[Any], object]) -> Callable[[Asked, Answered], object]:
    """Alter the document that a single message is accepted with."""
    return lambda asked, answered: None if asked.is_bulk else on(202, "POST", edit(change))(asked, answered)


def status(number: int) -> Callable[[Answered], object]:
    """Set the status."""
    return lambda answered: setattr(answered, "status", number)


def attributes(change: Callable[[dict[str, Any]], object]) -> Callable[[Asked], None]:
    """Alter the attributes of a message that is sent alone."""

    def changed(asked: Asked) -> None:
        document = asked.document
        match document:
            case {"data": {"attributes": dict(found)}}:
                change(found)
                asked.document = document

    return changed


def drop(name: str) -> Callable[[Answered], object]:
    """Take a header away."""
    return lambda answered: answered.headers.pop(name, None)


def put(name: str, value: str) -> Callable[[Answered], object]:
    """Set a header."""
    return lambda answered: answered.headers.update({name: value})


def bulk(change: Callable[[Any], object]) -> Callable[[Asked, Answered], object]:
    """Alter the document that many messages are accepted with."""
    return lambda asked, answered: on(202, "POST", edit(change))(asked, answered) if asked.is_bulk else None


def wait(change: Callable[[Any], object]) -> Callable[[Asked], None]:
    """Alter the wait of a message that is sent alone, where it has one."""
    return attributes(
        lambda it: it.update({"wait-until": change(it["wait-until"])}) if "wait-until" in it else None
    )


def is_milliseconds(value: Any) -> bool:
    """Say whether a wait is read as milliseconds (ruling D2)."""
    return isinstance(value, int) and 10**11 <= value < 253_402_300_800_000


def is_late(value: Any) -> bool:
    """Say whether a wait is beyond the last instant (ruling D2)."""
    return isinstance(value, int) and value >= 253_402_300_800_000


def read(change: Callable[[Any], object]) -> Callable[[Asked, Answered], object]:
    """Alter the resource of a message that is read."""
    return on(200, "GET", edit(lambda it: change(it["data"])))


# What leaves the server is wrong: the contract's own words catch it.
answers("response-status", "202 became 200", on(202, "POST", status(200)))
answers("response-status", "404 became 204", on(404, "GET", status(204)))
answers("response-error-status", "401 became 403", on(401, "GET", status(403)))
answers("server-error", "400 became 500", on(400, "POST", status(500)))
answers("response-header", "Location is missing", on(202, "POST", drop("location")))
answers("response-header", "Location leads nowhere", on(202, "POST", put("location", "/nowhere")))
answers("response-header", "Vary is missing", on(200, "GET", drop("vary")))
answers("response-header", "401 without WWW-Authenticate", on(401, "GET", drop("www-authenticate")))
answers("response-header", "405 without Allow", on(405, "DELETE", drop("allow")))
answers("response-media-type", "plain JSON", on(202, "POST", put("content-type", "application/json")))
answers("response-body", "the id is a number", single(lambda it: it["data"].update(id=int(it["data"]["id"]))))
answers("response-body", "jsonapi is lost", single(lambda it: it.pop("jsonapi")))
answers("response-body", "the type is another", single(lambda it: it["data"].update(type="messages")))
answers("response-body", "a bulk gives one resource", bulk(lambda it: it.update(data=it["data"][0])))
answers("response-body", "meta is lost", read(lambda it: it.pop("meta")))
answers(
    "response-body", "no milliseconds", read(lambda it: it["meta"].update({"due-at": "2016-03-27T23:36:38Z"}))
)
answers(
    "response-body", "an unknown code", on(400, "POST", edit(lambda it: it["errors"][0].update(code="oops")))
)
answers("response-body", "no detail", on(400, "POST", edit(lambda it: it["errors"][0].pop("detail"))))

# What leaves the server is well formed, and not true: the probes catch it.
answers(
    "probe-enqueued-message-can-be-read",
    "the id is another message's",
    single(lambda it: it["data"].update(id="72301093732")),
)
answers(
    "probe-bodies-are-kept-byte-for-byte",
    "bodies are trimmed",
    read(lambda it: it["attributes"].update(body=it["attributes"]["body"].strip())),
)
answers("probe-bulk-keeps-order", "a bulk is answered in reverse", bulk(lambda it: it["data"].reverse()))
answers(
    "probe-rubbish-is-refused",
    "errors do not say where",
    on(400, "POST", edit(lambda it: [each.pop("source", None) for each in it["errors"]])),
)
answers(
    "probe-all-faults-are-reported",
    "only the first fault is told",
    on(400, "POST", edit(lambda it: it.update(errors=it["errors"][:1]))),
)
answers(
    "probe-key-is-never-repeated",
    "the key is echoed",
    lambda asked, answered: put("x-echo", asked.headers.get("authorization", ""))(answered),
)
answers("probe-head-is-get-without-content", "HEAD knows every message", on(404, "HEAD", status(200)))
answers(
    "probe-past-message-is-due-at-acceptance",
    "due in the past",
    read(lambda it: it["meta"].update({"due-at": it["meta"].get("wait-until-at", it["meta"]["due-at"])})),
)

# What reaches the server is not what was sent: it accepts, forgets and hurries.
requests(
    "probe-key-is-required",
    "no key is checked",
    lambda asked: asked.headers.update(authorization="test_anybody"),
)
requests(
    "probe-keys-are-isolated",
    "all keys share one sandbox",
    lambda asked: asked.headers.update(authorization="test_shared"),
)
requests(
    "accepted-violation",
    "unknown attributes are ignored",
    attributes(lambda it: [it.pop(name) for name in [*it] if name not in ("body", "wait-until")]),
)
requests("probe-bad-waits-are-refused", "a negative wait is now", wait(lambda it: 0 if it == -1 else it))
requests("accepted-violation", "fractions are rounded", wait(lambda it: int(it) if it == 1.5 else it))
requests("probe-bad-waits-are-refused", "too late is now", wait(lambda it: 0 if is_late(it) else it))
requests("probe-future-message-is-delayed", "waits are forgotten", wait(lambda it: 0))
requests(
    "probe-delivery-is-in-order-and-never-early",
    "delivered a millisecond early",
    wait(lambda it: it - 1 if is_milliseconds(it) else it),
)
requests(
    "probe-seconds-and-milliseconds-are-told-apart",
    "all is milliseconds",
    wait(lambda it: it if is_milliseconds(it) else 0),
)
requests(
    "probe-media-types-are-held-to",
    "any media type will do",
    lambda asked: asked.headers.update({"content-type": "application/vnd.api+json"}),
)
requests(
    "probe-media-types-are-held-to", "Accept is not read", lambda asked: asked.headers.pop("accept", None)
)
requests(
    "probe-addresses-are-held-to", "query parameters are ignored", lambda asked: setattr(asked, "query", "")
)
requests(
    "probe-repeated-request-is-replayed",
    "Idempotency-Key is not read",
    lambda asked: asked.headers.pop("idempotency-key", None),
)
requests(
    "probe-long-body-is-refused",
    "long bodies are cut",
    attributes(lambda it: it.update(body=it["body"][:1000])),
)


@mutant("probe-failing-bulk-leaves-nothing")
async def not_atomic(asked: Asked, ask: Ask) -> Answered:
    """A failing bulk keeps its good messages."""
    answered = await ask(asked)
    if asked.is_bulk and answered.status == 400 and asked.document:
        for each in asked.document["data"][:5]:
            part = dataclasses.replace(
                asked, path=asked.path.removesuffix("/_bulk"), headers=dict(asked.headers)
            )
            part.document = {"data": each}
            await ask(part)
    return answered


@mutant("probe-bulk-has-bounds")
async def bulk_without_bound(asked: Asked, ask: Ask) -> Answered:
    """A bulk of any length is accepted."""
    document = asked.document
    if asked.is_bulk and document and len(document["data"]) > 1000:
        document["data"] = document["data"][:1000]
        asked.document = document
    return await ask(asked)


@mutant("probe-ids-are-new-and-increase")
async def one_id_for_all(asked: Asked, ask: Ask) -> Answered:
    """Every message gets the id of the first one."""
    answered = await ask(asked)
    if answered.status == 202 and not asked.is_bulk:
        first = SENT.setdefault(asked.path, answered.document["data"]["id"])
        mine = answered.document["data"]["id"]
        answered.body = answered.body.replace(mine.encode(), first.encode())
        answered.headers = {name: each.replace(mine, first) for name, each in answered.headers.items()}
    return answered


@mutant("probe-rubbish-is-refused")
async def duplicate_keys(asked: Asked, ask: Ask) -> Answered:
    """The last of two keys wins."""
    if asked.document == {"data": 2}:
        asked.document = {"data": {"type": "message", "attributes": {"body": "a"}}}
    return await ask(asked)
