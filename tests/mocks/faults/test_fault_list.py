"""The list of armed faults: its contents, the rules that it takes, and the sandboxes that own them."""

from typing import Any

import pytest

from eqkit.web.app import Application
from tests.clients import Client
from tests.control import Control, control_errors
from tests.mocks.faults.arming import LOST, UNAVAILABLE, arm, statuses


def test_faults_are_listed_with_their_turns_and_taken_away(client: Client, control: Control) -> None:
    """The list shows the rule as it was sent, how often it was its turn, and whether it may still fire."""
    first = arm(control, UNAVAILABLE, count=1)
    arm(control, UNAVAILABLE, nth=9)
    statuses(client, 3)
    faults = control.get("/faults").json()["faults"]
    assert [(each["id"], each["seen"], each["fired"], each["live"]) for each in faults] == [
        ("fault-1", 1, 1, False),
        ("fault-2", 2, 0, True),
    ]
    assert faults[0]["rule"] == {"count": 1, "do": UNAVAILABLE}
    assert control.request("DELETE", f"/faults/{first}").status_code == 204
    assert [each["id"] for each in control.get("/faults").json()["faults"]] == ["fault-2"]
    assert control_errors(control.request("DELETE", f"/faults/{first}")) == [
        ("404", "fault-not-found", "fault")
    ]
    assert control.request("DELETE", "/faults").status_code == 204
    assert control.get("/faults").json() == {"faults": []}
    assert not client.sandbox.has_active_faults


def test_a_hundred_faults_may_be_armed_and_dead_ones_make_room(client: Client, control: Control) -> None:
    """The list is bounded; a fault that cannot fire any more is forgotten before one is refused."""
    arm(control, UNAVAILABLE, count=1)
    client.enqueue()
    for _ in range(100):
        arm(control, UNAVAILABLE, operation="getMessage")
    refused = control.post("/faults", json={"do": UNAVAILABLE})
    assert control_errors(refused) == [("409", "too-many-faults", None)]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({}, ("missing-member", "")),
        ({"do": {}}, ("invalid-value", "/do")),
        ({"do": {"wire": {"kind": "close"}, "answer": {"status": 503}}}, ("invalid-value", "/do")),
        ({"do": {"wire": {"kind": "closed"}}}, ("invalid-value", "/do/wire/kind")),
        ({"do": {"answer": {"status": 199}}}, ("invalid-value", "/do/answer/status")),
        ({"do": {"answer": {"status": 600}}}, ("invalid-value", "/do/answer/status")),
        ({"do": LOST, "evry": 2}, ("unknown-member", "/evry")),
        ({"do": LOST, "every": 0}, ("invalid-value", "/every")),
        ({"do": LOST, "probability": 1.1}, ("invalid-value", "/probability")),
        ({"do": LOST, "operation": "enqueue"}, ("invalid-value", "/operation")),
        ({"do": LOST, "queue": "_x"}, ("invalid-queue-name", "/queue")),
        ({"do": {"wire": {"kind": "truncate"}}, "when": "before"}, ("invalid-value", "/when")),
        ({"do": {"wire": {"kind": "close", "pause-ms": 5}}}, ("invalid-value", "/do/wire/pause-ms")),
        ({"do": LOST, "nth": 3, "every": 2}, ("invalid-value", "/nth")),
        ({"do": {"latency": {"kind": "uniform", "ms": 5}}}, ("invalid-value", "/do/latency")),
        ({"do": {"latency": {"kind": "fixed", "ms": 5, "sigma": 1}}}, ("invalid-value", "/do/latency")),
        (
            {"do": {"latency": {"kind": "uniform", "ms": 5, "max-ms": 4}}},
            ("invalid-value", "/do/latency/max-ms"),
        ),
        ({"do": {"delivery": {"kind": "drop"}}, "when": "after"}, ("invalid-value", "/when")),
        ({"do": {"delivery": {"kind": "delay"}}}, ("invalid-value", "/do/delivery")),
    ],
)
def test_a_rule_that_cannot_be_meant_so_is_refused(
    control: Control, rule: dict[str, Any], fault: tuple[str, str]
) -> None:
    """A fault that silently did nothing would fool a test."""
    code, pointer = fault
    assert control_errors(control.post("/faults", json=rule)) == [("400", code, pointer)]
    assert control.get("/faults").json() == {"faults": []}


def test_an_unknown_member_names_the_nearest_known_one(control: Control) -> None:
    """The refusal of a misspelt word names the nearest one."""
    refused = control.post("/faults", json={"do": LOST, "probabilty": 0.5})
    assert 'did you mean "probability"?' in refused.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("path", "body", "meant"),
    [
        ("/faults", {"do": {"wire": {"kind": "rest"}}}, "reset"),
        ("/faults", {"do": LOST, "when": "After"}, "after"),
        ("/faults", {"do": LOST, "operation": "enqueue"}, "enqueueMessage"),
        ("/faults", {"do": {"delivery": {"kind": "duplicated"}}}, "duplicate"),
        ("/faults", {"do": {"latency": {"kind": "log_normal", "ms": 5}}}, "lognormal"),
        ("/limits", {"limits": [{"kind": "tokenBucket", "limit": 1, "window-ms": 5}]}, "token-bucket"),
    ],
)
def test_a_misspelt_kind_gets_the_nearest_one_as_a_suggestion(
    control: Control, path: str, body: dict[str, Any], meant: str
) -> None:
    """A value is guessed at as the name of a member is."""
    answer = control.request("PUT" if path == "/limits" else "POST", path, json=body)
    assert answer.json()["errors"][0]["detail"].endswith(f'did you mean "{meant}"?')


def test_faults_their_counts_and_their_dice_are_part_of_a_snapshot(client: Client, control: Control) -> None:
    """A restored sandbox goes on as the first one did: the same turns, the same draws."""
    arm(control, UNAVAILABLE, probability=0.5)
    arm(control, {"answer": {"status": 500}}, every=3)
    statuses(client, 4)
    control.request("PUT", "/sandboxes/test_key/snapshot")
    went_on = statuses(client, 12)
    control.post("/sandboxes/test_key/restore")
    assert statuses(client, 12) == went_on
    assert set(went_on) == {202, 500, 503}


def test_faults_of_one_sandbox_are_none_of_another(application: Application, control: Control) -> None:
    """Each key has its own."""
    arm(control, UNAVAILABLE)
    assert Client(application, "test_other").enqueue().status_code == 202
    assert Client(application).enqueue().status_code == 503


def test_faults_and_limits_end_with_the_last_instant(client: Client, control: Control) -> None:
    """An end later than 9999-12-31T23:59:59.999Z is at that instant (ruling T10)."""
    control.freeze("9999-12-31T23:59:59.000Z")
    arm(control, {"answer": {"status": 500}}, duration_ms=60_000, operation="getMessage")
    control.request(
        "PUT", "/limits", json={"limits": [{"kind": "fixed-window", "limit": 1, "window-ms": 9999}]}
    )
    assert statuses(client, 2) == [202, 429]
    assert control.get("/faults").json()["faults"][0]["until"] == "9999-12-31T23:59:59.999Z"
    assert control.get("/limits").json()["limits"][0]["opens-at"] == "9999-12-31T23:59:59.999Z"
