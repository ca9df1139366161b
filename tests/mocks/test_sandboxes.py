"""The sandboxes behind the keys: made on first use, listed, reset, copied and deleted alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.timing.clock import ManualClock
from eqkit.web.app import Application
from tests.clients import MESSAGES
from tests.control import Control, control_errors

START_MS = 1_459_036_800_000
EMPTY = {"queues": 0, "pending": 0, "delivered": 0, "requests": 0, "events": 0}


def names(control: Control) -> list[str]:
    """The names of the sandboxes."""
    return [each["name"] for each in control.get("/sandboxes").json()["sandboxes"]]


def everything(control: Control) -> list[Any]:
    """All that can be seen of a sandbox, but for its name and the numbers, which go on."""
    return [
        *(control.get(path).json() for path in ("/clock", "/pending", "/deliveries", "/queues")),
        re.sub(r"^id: [0-9]+$", "", control.get("/events?follow=false").text, flags=re.MULTILINE),
        control.public.get(f"{MESSAGES}/72301093732").json(),
    ]


def test_a_key_makes_its_sandbox_on_first_use(control: Control, application: Application) -> None:
    """A use on either side of the server makes it; the one used last stands at the end."""
    Control(application, None).get("/clock")
    control.public.enqueue()
    Control(application, "test_b").get("/clock")
    assert names(control) == ["xxxxxxxxxxxxxxx", "test_key", "test_b"]
    assert [each["name"] for each in control.get("/sandboxes?limit=1").json()["sandboxes"]] == [
        "xxxxxxxxxxxxxxx"
    ]


@pytest.mark.parametrize("key", [None, "test_key"])
def test_looking_at_the_sandboxes_makes_none(application: Application, key: str | None) -> None:
    """Neither the list nor a look at one of them is a use of a key; one that is none is refused as ever."""
    control = Control(application, key)
    assert names(control) == []
    assert control.get("/sandboxes/test_key").status_code == 404
    assert names(control) == []
    assert Control(application, "other").get("/sandboxes").status_code == 401


def test_without_a_key_the_default_sandbox_is_meant(application: Application) -> None:
    """The docs' sample key has the default sandbox, so that `curl` needs no header."""
    Control(application, "xxxxxxxxxxxxxxx").public.enqueue()
    assert Control(application, None).get("/queues").json()["queues"][0]["name"] == "a-queue"


def test_a_key_that_is_none_is_refused(application: Application) -> None:
    """The control plane opens no sandbox that the public API would not."""
    answer = Control(application, "other").get("/clock")
    assert control_errors(answer) == [("401", "unauthorized", "Authorization")]
    assert answer.headers["www-authenticate"] == 'ApiKey realm="ElasticQueue"'


def test_a_sandbox_shows_its_counts(control: Control) -> None:
    """Messages by state, requests of the public API, events."""
    control.freeze()
    control.public.enqueue("a")
    control.public.enqueue("b", START_MS + 1_000)
    control.advance(by_ms=0)
    sandbox = control.get("/sandboxes/test_key").json()
    clock = sandbox.pop("clock")
    assert clock["next-due"] == "2016-03-27T00:00:01.000Z"
    assert sandbox == {
        "name": "test_key",
        "queues": 1,
        "pending": 1,
        "delivered": 1,
        "requests": 2,
        "events": 3,
    }


def test_reset_begins_one_sandbox_anew_and_no_other(control: Control, application: Application) -> None:
    """Queues, ids, clock, journal, events: as if the key had never been used."""
    other = Control(application, "test_other")
    for each in (control, other):
        each.freeze("2016-01-01T00:00:00Z")
        each.public.enqueue("a")
    before = everything(other)
    answer = control.post("/sandboxes/test_key/reset").json()
    assert answer == {
        "name": "test_key",
        "clock": {"now": "2016-03-27T00:00:00.000Z", "frozen": False, "rate": 1.0},
        **EMPTY,
    }
    assert everything(other) == before
    assert control.public.enqueue("b").json()["data"]["id"] == "72301093732"


def test_reset_takes_a_seed(control: Control) -> None:
    """Another seed, other ids; the next reset without one is that of the server again."""
    control.public.enqueue()
    ids = []
    for body in ({"seed": 7}, {"seed": 7}, {}):
        control.post("/sandboxes/test_key/reset", json=body)
        ids.append(control.public.enqueue().json()["data"]["id"])
    assert ids[0] == ids[1] != ids[2] == "72301093732"


def test_deleting_forgets_a_sandbox_and_its_snapshot(control: Control, application: Application) -> None:
    """The next use of its key makes a new one."""
    other = Control(application, "test_other")
    other.public.enqueue()
    other.request("PUT", "/sandboxes/test_other/snapshot")
    assert control.request("DELETE", "/sandboxes/test_other").status_code == 204
    assert "test_other" not in names(control)
    assert other.get("/queues").json() == {"queues": []}
    answer = control.post("/sandboxes/test_other/restore")
    assert control_errors(answer) == [("404", "snapshot-not-found", "name")]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/reset"),
        ("PUT", "/snapshot"),
        ("POST", "/restore"),
        ("POST", "/fork"),
    ],
)
def test_a_sandbox_that_is_not_there_is_not_found(control: Control, method: str, path: str) -> None:
    """Only the first use of its key makes it, and naming it is none."""
    options = {"json": {"to": "test_copy"}} if path == "/fork" else {}
    answer = control.request(method, f"/sandboxes/test_nobody{path}", **options)
    assert control_errors(answer) == [("404", "sandbox-not-found", "name")]
    assert "test_nobody" not in names(control)


def test_a_snapshot_is_gone_back_to_as_often_as_wanted(control: Control) -> None:
    """Messages, deliveries, events, ids, stored answers and the clock: all as they were."""
    control.freeze()
    key = {"idempotency-key": "once"}
    first = control.public.enqueue("a", START_MS + 1_000, headers=key)
    control.request("PUT", "/sandboxes/test_key/snapshot")
    before = everything(control)
    for _ in range(2):
        control.advance(by_ms=5_000)
        control.public.enqueue("b")
        control.post("/sandboxes/test_key/restore")
        assert everything(control) == before
        assert control.public.enqueue("a", START_MS + 1_000, headers=key).content == first.content
        assert control.advance(next=True).json()["total"] == 1


def test_a_fork_is_a_sandbox_of_its_own(control: Control, application: Application) -> None:
    """An event in the copy does not happen in the original, nor the other way round."""
    control.freeze()
    control.public.enqueue("a", START_MS + 1_000)
    answer = control.post("/sandboxes/test_key/fork", json={"to": "test_copy"})
    copy = Control(application, "test_copy")
    assert (answer.status_code, answer.json()["name"]) == (201, "test_copy")
    assert everything(copy) == everything(control)
    copy.advance(by_ms=1_000)
    control.public.enqueue("c", START_MS + 9_000)
    assert copy.get("/deliveries").json()["total"] == 1
    assert control.get("/deliveries").json()["total"] == 0
    assert [copy.get("/pending").json()["total"], control.get("/pending").json()["total"]] == [0, 2]


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("test_key", ("409", "sandbox-exists", "/to")),
        ("other", ("400", "invalid-value", "/to")),
        ("test_", ("400", "invalid-value", "/to")),
    ],
)
def test_a_fork_goes_to_a_key_that_is_let_in_and_has_no_sandbox(
    control: Control, to: str, error: tuple[str, str, str]
) -> None:
    """Nothing is overwritten, and no sandbox made that nobody can enter."""
    control.get("/clock")
    answer = control.post("/sandboxes/test_key/fork", json={"to": to})
    assert control_errors(answer) == [error]


def test_the_keys_of_a_closed_server_are_not_listed(set_up: Callable[..., Application]) -> None:
    """Its sandboxes go by the number of their key; the default is the first, and a fork needs a known key."""
    application = set_up(key=("s3cret", "test_second"))
    control = Control(application, None)
    Control(application, "test_second").public.enqueue()
    control.get("/clock")
    assert names(control) == ["key-2", "key-1"]
    answer = control.post("/sandboxes/key-1/fork", json={"to": "test_third"})
    assert control_errors(answer) == [("400", "invalid-value", "/to")]
    assert control.post("/sandboxes/key-2/reset").json()["name"] == "key-2"
    assert control_errors(control.get("/sandboxes/s3cret"))[0][1] == "sandbox-not-found"


def test_there_are_at_most_so_many_sandboxes(set_up: Callable[..., Application]) -> None:
    """The one that nobody has used for longest makes room."""
    application = set_up(max_sandboxes=2)
    for key in ("test_a", "test_b", "test_a", "test_c"):
        Control(application, key).public.enqueue()
    assert names(Control(application, "test_c")) == ["test_a", "test_c"]


def test_a_sandbox_is_dropped_when_nobody_has_used_it_for_long() -> None:
    """It goes when the next one is made; one that was just reset, restored or copied is in use."""
    sandboxes = Sandboxes((), Rules(), lambda: ManualClock(START_MS), idle_s=3_600)
    kept = [sandboxes.of(f"test_{name}") for name in "abc"]
    for sandbox in kept:
        assert sandbox is not None
        sandbox.used_at_s -= 3_601
    sandboxes.reset("test_a")
    sandboxes.fork("test_a", "test_d")
    assert list(sandboxes.names()) == ["test_a", "test_d"]
