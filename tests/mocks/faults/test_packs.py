"""Packs of faults: the shipped ones, how they are armed, and one request under one of them by `Prefer`."""

from pathlib import Path
from typing import Any

import pytest

from eqkit.errors import ContractError
from eqkit.sandbox.faults.packs import load_packs, packs
from eqkit.web.app import Application
from tests.clients import BULK, Client, errors, message
from tests.control import Control, control_errors
from tests.mocks.sandbox_clients import LATER, SandboxClient, until
from tests.web.sockets import request

NAMES = ["at-least-once", "flaky-network", "maintenance-window", "rate-limited", "slow-start"]
GOOD = "name: mine\ndescription: What it is like.\n"


@pytest.fixture
def control(application: Application) -> Control:
    """The control plane, with the key of `client`, its clock frozen."""
    control = Control(application)
    control.freeze()
    return control


def test_the_shipped_packs_are_listed_and_every_one_can_be_armed(control: Control) -> None:
    """Arming a pack arms its rules."""
    listed = control.get("/faults/packs").json()["packs"]
    assert [pack["name"] for pack in listed] == NAMES
    for pack in listed:
        control.request("DELETE", "/faults")
        control.request("DELETE", "/limits")
        armed = control.request("PUT", f"/faults/packs/{pack['name']}")
        assert [fault["rule"] for fault in armed.json()["faults"]] == pack["faults"]
        limits = control.get("/limits").json()["limits"]
        assert [limit["limit"] for limit in limits] == pack["limits"]
        assert limits or armed.json()["faults"]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_fault_would_be_accepted_if_it_was_sent(control: Control, name: str) -> None:
    """Packs are held to the rules of the control plane, those that no schema can say included."""
    for rule in packs()[name].faults:
        assert control.post("/faults", json=rule).status_code == 201


def test_an_unknown_pack_names_the_nearest(control: Control) -> None:
    """The error lists all packs, too."""
    refused = control.request("PUT", "/faults/packs/flaky-netwrok")
    assert control_errors(refused) == [("404", "pack-not-found", "pack")]
    detail = refused.json()["errors"][0]["detail"]
    assert 'did you mean "flaky-network"?' in detail
    assert all(name in detail for name in NAMES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: [", "mine.yaml is not YAML"),
        ("name: other\ndescription: x\n", 'mine.yaml holds the pack "other"'),
        ("name: mine\n", 'The member "description" is missing'),
        (GOOD + "fault: []\n", 'did you mean "faults"?'),
        (GOOD + "faults: [{evry: 2, do: {wire: {kind: close}}}]\n", 'mine.yaml/faults/0/evry: .*"every"'),
        (GOOD + "faults: [{do: {wire: {kind: clos}}}]\n", '"kind" must be .*"close".* not "clos"'),
        (GOOD + "faults: [{do: {latncy: {kind: fixed, ms: 1}}}]\n", 'did you mean "latency"?'),
    ],
)
def test_a_pack_with_an_unknown_word_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """A misspelt word in a pack is an error that names the file, the place, and the nearest known word."""
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(ContractError, match=message):
        load_packs(tmp_path)


def test_a_pack_is_read_as_it_is_written(tmp_path: Path) -> None:
    """A file that is right is a pack, and one that is no YAML is none."""
    (tmp_path / "mine.yaml").write_text(GOOD + "faults: [{do: {wire: {kind: close}}}]\n")
    (tmp_path / "README.md").write_text("not a pack")
    (pack,) = load_packs(tmp_path).values()
    assert pack == ("mine", "What it is like.", [{"do": {"wire": {"kind": "close"}}}], [])


def test_at_least_once_makes_every_second_delivery_come_twice(sandbox: SandboxClient) -> None:
    """The deliveries that a consumer has to bear."""
    sandbox.mock("PUT", "/faults/packs/at-least-once")
    ids = sandbox.enqueue("a", "b", "c", wait_until=0)
    sandbox.advance(1)
    assert [each["id"] for each in sandbox.deliveries()] == [ids[0], ids[1], ids[1], ids[2]]


def test_slow_start_refuses_then_waits_then_is_well(client: Client, control: Control) -> None:
    """Those that are refused take none of the latencies away, which are for the next five."""
    control.request("PUT", "/faults/packs/slow-start")
    assert [client.enqueue().status_code for _ in range(3)] == [503] * 3
    refusing, slowing = client.sandbox.faults.rules
    assert not refusing.is_live(client.sandbox.clock.now())
    assert (slowing.seen, slowing.document["count"]) == (0, 5)


@pytest.mark.parametrize(
    ("pack", "status", "retry_after"),
    [("maintenance-window", 503, "300"), ("rate-limited", 429, "1"), ("slow-start", 503, "1")],
)
def test_a_client_that_cannot_reach_the_control_plane_asks_for_a_fault_by_prefer(
    client: Client, control: Control, pack: str, status: int, retry_after: str
) -> None:
    """The request meets the faults of the pack, as if it was its turn, and the next one is as ever."""
    answer = client.enqueue(headers={"prefer": f"fault={pack}"})
    assert errors(answer)[0][0] == str(status)
    assert answer.headers["retry-after"] == retry_after
    assert answer.headers["preference-applied"] == f"fault={pack}"
    assert client.journal[-1].fault in (pack, "ten-at-once", "maintenance", "not-up-yet")
    assert (len(client.sandbox.state.queue), client.enqueue().status_code) == (0, 202)
    assert control.get("/faults").json() == {"faults": []}


def test_a_fault_by_prefer_loses_the_answer_on_the_wire(sandbox: SandboxClient) -> None:
    """The network is slow, by the sandbox's clock, and then loses the answer of a message that is stored."""
    with sandbox.asking(b"Prefer: fault=flaky-network") as connection:
        until(lambda: sandbox.mock("GET", "/clock").get("next-due") is not None)
        assert sandbox.stored() == 0
        sandbox.advance(10_000)
        assert connection.is_closed()
    assert sandbox.stored() == 1
    entry = sandbox.entry()
    assert (entry["fault"], entry["outcome"], entry["stored"]) == ("lost-answer", "lost", True)


def test_a_fault_of_deliveries_by_prefer_is_for_the_messages_of_the_request(sandbox: SandboxClient) -> None:
    """They come twice; those that were sent without it come once."""
    document: dict[str, Any] = {"data": [message("a", 1), message("b", 1)]}
    headers = {"content-type": "application/vnd.api+json", "prefer": "fault=at-least-once"}
    answer = sandbox.client.post(BULK, json=document, headers=headers)
    assert answer.headers["preference-applied"] == "fault=at-least-once"
    first, second = (each["id"] for each in answer.json()["data"])
    (third,) = sandbox.enqueue("c", wait_until=1)
    sandbox.advance(1)
    assert [each["id"] for each in sandbox.deliveries()] == [first, first, second, second, third]


def test_a_sandbox_without_faults_asks_for_none(client: Client, control: Control) -> None:
    """Faults that are not armed cost nothing, before a fault by `Prefer` and after it."""
    document: dict[str, Any] = {"data": [message("a", 1)]}
    client.post(BULK, json=document, headers={"prefer": "fault=at-least-once"})
    control.advance(by_ms=1)
    assert (client.sandbox.state.queue.delivered_total, client.sandbox.has_active_faults) == (2, False)
    assert client.sandbox.state.queue.fault_of is None


def test_a_delay_by_prefer_waits_by_the_sandboxs_clock(sandbox: SandboxClient) -> None:
    """The request is carried out after it; the preference is answered."""
    with sandbox.asking(b"Prefer: delay=1.5") as connection:
        until(lambda: sandbox.mock("GET", "/clock").get("next-due") is not None)
        sandbox.advance(1_499)
        assert sandbox.stored() == 0
        sandbox.advance(1)
        reply = connection.reply()
        assert (reply.status, reply.headers["preference-applied"]) == (202, "delay=1.5")
        assert sandbox.stored() == 1
        connection.send(request(LATER, b"Prefer: delay=0, code=429", key=sandbox.key))
        reply = connection.reply()
        assert (reply.status, reply.headers["preference-applied"]) == (429, "delay=0, code=429")


def test_a_client_that_gives_up_its_own_delay_has_stored_nothing(sandbox: SandboxClient) -> None:
    """The journal has the request all the same, without a status."""
    with sandbox.asking(b"Prefer: delay=60"):
        until(lambda: sandbox.mock("GET", "/clock").get("next-due") is not None)
    until(lambda: bool(sandbox.mock("GET", "/journal")["entries"]))
    entry = sandbox.entry()
    assert (entry["fault"], entry["outcome"], entry["status"]) == ("delay", "lost", 0)
    assert sandbox.stored() == 0


@pytest.mark.parametrize(
    ("prefer", "message"),
    [
        ("fault=flaky", 'did you mean "flaky-network"?'),
        ("fault=flaky", ", ".join(NAMES)),
        ("fault=", "at-least-once"),
        ("fault=slow-start, code=429", "none is"),
        ("delay=soon", "0 to 3600 seconds"),
        ("delay=-1", "0 to 3600 seconds"),
        ("delay=3601", "0 to 3600 seconds"),
        ("delay=0.0001", "three decimals"),
        ("delay=nan", "0 to 3600 seconds"),
    ],
)
def test_an_impossible_preference_lists_the_possible_ones(client: Client, prefer: str, message: str) -> None:
    """Nothing is carried out in its place: another answer would fool a test."""
    refused = client.enqueue(headers={"prefer": prefer})
    assert errors(refused) == [("400", "invalid-preference", "Prefer")]
    assert message in refused.json()["errors"][0]["detail"]
    assert len(client.sandbox.state.queue) == 0
