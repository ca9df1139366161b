"""The client package offers its names and durations; its models and operations are those of mock.yaml."""

import inspect
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from eqkit import client as package
from eqkit.client import (
    AsyncClient,
    Client,
    FaultRule,
    LimitRule,
    Requests,
    faults,
    journal,
    models,
    operations,
)
from eqkit.client.durations import duration_ms, instant_text
from eqkit.contract.operations import Contract
from eqkit.web.app import load_contract
from eqkit.web.contracts.control_document import with_webhooks


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://127.0.0.1/v1"])
def test_a_wrong_base_url_is_refused(url: str) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(ValueError, match="is not the base URL of a server"):
        Client(url)


def test_a_sandbox_without_a_name_needs_a_key() -> None:
    """A client of the default sandbox does not guess which one should be deleted."""
    with pytest.raises(ValueError, match="name the sandbox"):
        Client("http://127.0.0.1:9").sandboxes.delete()


def test_no_secret_is_shown_in_a_traceback() -> None:
    """Key and token stand in no representation."""
    client = Client("http://127.0.0.1:9", "test_secret", token="a-token")
    assert not re.search("test_secret|a-token", repr(client) + repr(vars(client)["_credentials"]))


@pytest.mark.parametrize(
    ("duration", "milliseconds"),
    [("250ms", 250), ("90s", 90_000), ("1.5s", 1_500), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000),
     ("1h30m", 5_400_000), (timedelta(seconds=90), 90_000), ("0s", 0)],
)  # fmt: skip
def test_a_duration_is_read(duration: timedelta | str, milliseconds: int) -> None:
    """Spans carry their unit."""
    assert duration_ms(duration) == milliseconds


@pytest.mark.parametrize(
    "duration", ["90", "", "s", "-5s", "5 m", "5m later", "1e3s", timedelta(seconds=-1), 5, 2.5, None]
)
def test_a_wrong_duration_is_refused(duration: Any) -> None:
    """A number without a unit is milliseconds to one and seconds to the other."""
    with pytest.raises(ValueError, match="duration"):
        duration_ms(duration)


def test_an_instant_has_a_zone() -> None:
    """Any zone will do, none will not."""
    elsewhere = datetime(2016, 3, 28, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert instant_text(elsewhere) == "2016-03-27T23:30:00.000Z"
    with pytest.raises(ValueError, match="has no time zone"):
        instant_text(datetime(2016, 3, 27))  # noqa: DTZ001


def documented() -> dict[str, tuple[str, str]]:
    """The operations of mock.yaml by the names of their functions."""
    contract = Contract(with_webhooks(load_contract("mock.yaml")))
    return {
        re.sub("([A-Z])", r"_\1", each.id).lower(): (each.method, each.path)
        for each in contract.operations.values()
    }


def test_every_operation_has_a_call() -> None:
    """The clients have a call for each operation of the control plane."""
    assert documented().keys() - {"stream_events"} - vars(operations).keys() == set()


def test_a_call_is_sent_where_its_operation_is() -> None:
    """Method and path are those of mock.yaml, with the names put in."""
    for name, (method, path) in documented().items():
        function = getattr(operations, name, None)
        if function is None:
            continue
        values = {each: sample(each) for each in inspect.signature(function).parameters}
        call = function(**values)
        assert call.method == method, name
        assert re.fullmatch(re.sub(r"\{[\w-]+\}", "[^/]+", path), call.path), name


def sample(parameter: str) -> Any:
    """A value for a parameter of a call."""
    durations = dict.fromkeys(("by", "wait", "within", "first_retry", "delay"), "1s")
    rules = {"rule": FaultRule(answer=503), "rules": [LimitRule(limit=1, window="1s")]}
    expected = {"requests": Requests(), "expectations": [Requests().never()]}
    return {**durations, **rules, **expected}.get(parameter, "a-name")


SCHEMAS = {"ClockState": "Clock", "Event": "SandboxEvent"}
"""Where a record has another name than the schema that it reads."""


SENT = {"Requests", "Expectation", "FaultRule", "LimitRule"}
"""The requests in other words than the document's; the server's answers to them are tested."""

SHARED = {"Known"}
"""The members that several models have in common, and that have no schema of their own."""

RECORDS: dict[str, type[Any]] = {
    name: each
    for module in (models, journal, faults)
    for name, each in vars(module).items()
    if is_dataclass(each) and isinstance(each, type) and name not in {*SENT, *SHARED}
}


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_record_has_the_members_of_its_schema(name: str) -> None:
    """No member is forgotten or made up; an optional one has a default."""
    record = RECORDS[name]
    mock = load_contract("mock.yaml")
    found = [
        each["components"]["schemas"].get(SCHEMAS.get(name, name))
        for each in (mock.data, with_webhooks(mock).data)
    ]
    schema = next(each for each in found if each)
    named = {each.name.replace("_", "-"): each for each in fields(record)}
    assert named.keys() == {member for each in found if each for member in each["properties"]}
    assert {each for each in named if named[each].default is MISSING} == set(schema["required"])
    hints = typing.get_type_hints(record)
    for member, described in schema["properties"].items():
        if described.get("format") == "date-time":
            hint = hints[named[member].name]
            assert datetime in (hint, *typing.get_args(hint)), member


def methods(client: Any) -> Iterator[tuple[str, inspect.Signature]]:
    """The public methods of a client and of its parts, by dotted name."""
    for name, value in {**vars(type(client)), **vars(client)}.items():
        if name.startswith("_"):
            continue
        if isinstance(value, types.FunctionType):
            yield name, inspect.signature(value)
        elif not isinstance(value, str | None):
            yield from ((f"{name}.{each}", signature) for each, signature in methods(value))


def test_both_clients_can_do_the_same() -> None:
    """A method of one is a method of the other, with the same parameters and defaults."""
    waiting, coroutines = (
        {
            name: [(each.name, each.kind, each.default) for each in signature.parameters.values()]
            for name, signature in methods(kind("http://127.0.0.1:9"))
        }
        for kind in (Client, AsyncClient)
    )
    assert waiting == coroutines
    assert len(waiting) > 25


def test_the_public_names_are_these() -> None:
    """Users may rely on each public name: one more is a decision, one less breaks somebody."""
    assert sorted(package.__all__) == package.__all__
    assert set(package.__all__) == {
        "AsyncClient", "Client", "ClientError", "ClientMistake", "ClockState", "Deliveries", "Delivery",
        "ErrorObject", "Event", "Expectation", "Fault", "FaultRule", "Instant", "Journal", "JournalBody",
        "JournalEntry", "JournalMessage", "JournalSummary", "Limit", "LimitRule", "Miss", "DecodeError",
        "Moved", "Pack", "PendingMessage", "PendingMessages", "Queue", "StatusError", "Requests", "Sandbox",
        "Duration", "ConnectError", "VerificationError", "Verified", "Webhook", "WebhookAttempt",
        "WebhookAttempts", "WebhookSent",
    }  # fmt: skip
    assert {name for name in vars(Client("http://127.0.0.1:9")) if not name.startswith("_")} == {
        "url", "key", "clock", "deliveries", "events", "faults", "journal", "limits", "pending", "queues",
        "sandboxes", "webhooks",
    }  # fmt: skip
