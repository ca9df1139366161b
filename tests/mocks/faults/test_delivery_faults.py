"""Delivery faults on a real server: duplicates, delays, reordering and losses."""

from tests.mocks.sandbox_clients import FAR_S, SandboxClient

START_MS = 1_459_036_800_000
"""2016-03-27T00:00:00Z."""


def begin(sandbox: SandboxClient) -> None:
    """Set the clock of an untouched sandbox to START_MS."""
    sandbox.mock("POST", "/clock/freeze", {"at": "2016-03-27T00:00:00.000Z"})


def delivered(sandbox: SandboxClient) -> list[tuple[str, str, int, int]]:
    """The id, second, lateness and attempt of each delivery."""
    return [
        (each["id"], each["delivered-at"][17:23], each["lateness-ms"], each["attempt"])
        for each in sandbox.deliveries()
    ]


def test_a_delivery_comes_twice(sandbox: SandboxClient) -> None:
    """At least once: the same message again at once, as its second attempt."""
    begin(sandbox)
    sandbox.arm({"delivery": {"kind": "duplicate"}}, every=2, name="twice")
    first, second = sandbox.enqueue("a", "b", wait_until=START_MS + 1000)
    sandbox.advance(2000)
    assert delivered(sandbox) == [
        (first, "01.000", 0, 1),
        (second, "01.000", 0, 1),
        (second, "01.000", 0, 2),
    ]
    assert sandbox.mock("GET", "/deliveries?after=2")["deliveries"][0]["attempt"] == 2
    assert sandbox.stored() == 0


def test_a_delivery_is_late(sandbox: SandboxClient) -> None:
    """Until then the message waits, and the log shows how late it came."""
    begin(sandbox)
    sandbox.arm({"delivery": {"kind": "delay", "delay-ms": 500}}, nth=1)
    first, second = sandbox.enqueue("a", "b", wait_until=START_MS + 1000)
    sandbox.advance(1000)
    assert (delivered(sandbox), sandbox.stored()) == ([(second, "01.000", 0, 1)], 1)
    sandbox.advance(1000)
    assert delivered(sandbox)[1:] == [(first, "01.500", 500, 1)]


def test_a_delivery_is_lost(sandbox: SandboxClient) -> None:
    """The message was accepted, is never delivered, and is not there any more."""
    begin(sandbox)
    sandbox.arm({"delivery": {"kind": "drop"}}, nth=1, name="lost")
    first, second = sandbox.enqueue("a", "b", wait_until=START_MS + 1000)
    sandbox.advance(2000)
    assert delivered(sandbox) == [(second, "01.000", 0, 1)]
    assert sandbox.stored() == 0
    assert [each["id"] for each in sandbox.entry()["messages"]] == [first, second]
    assert sandbox.client.get(f"/v1/queues/a-queue/messages/{first}").status_code == 404


def test_two_deliveries_change_places(sandbox: SandboxClient) -> None:
    """The first lets the next of its queue by, and neither is early; others keep their place."""
    begin(sandbox)
    sandbox.arm({"delivery": {"kind": "reorder"}}, nth=1)
    (first,) = sandbox.enqueue("a", wait_until=START_MS + 1000)
    second, third = sandbox.enqueue("b", "c", wait_until=START_MS + 3000)
    sandbox.advance(2000)
    assert (delivered(sandbox), sandbox.stored()) == ([], 3)
    sandbox.advance(2000)
    assert delivered(sandbox) == [
        (second, "03.000", 0, 1),
        (first, "03.000", 2000, 1),
        (third, "03.000", 0, 1),
    ]


def test_a_delivery_with_no_other_behind_it_is_not_reordered(sandbox: SandboxClient) -> None:
    """The rule does not fire where no message can go first, and says so."""
    begin(sandbox)
    sandbox.arm({"delivery": {"kind": "reorder"}})
    (first,) = sandbox.enqueue("a", wait_until=START_MS + 1000)
    sandbox.advance(2000)
    assert delivered(sandbox) == [(first, "01.000", 0, 1)]
    (fault,) = sandbox.mock("GET", "/faults")["faults"]
    assert (fault["seen"], fault["fired"]) == (1, 0)


def test_a_message_that_waits_for_a_cancelled_one_is_delivered(sandbox: SandboxClient) -> None:
    """A message that let another one by does not stay behind for ever."""
    begin(sandbox)
    sandbox.arm({"delivery": {"kind": "reorder"}}, nth=1)
    (first,) = sandbox.enqueue("a", wait_until=START_MS + 1000)
    (second,) = sandbox.enqueue("b", wait_until=START_MS + 3000)
    sandbox.advance(2000)
    assert sandbox.client.delete(f"/_mock/pending/{second}").status_code == 204
    sandbox.advance(2000)
    assert [each["id"] for each in sandbox.deliveries()] == [first]
    assert sandbox.stored() == 0


def test_a_rule_of_deliveries_is_for_its_queue_alone(sandbox: SandboxClient) -> None:
    """Other queues deliver as ever."""
    begin(sandbox)
    sandbox.arm({"delivery": {"kind": "drop"}}, queue="another")
    sandbox.enqueue("a", wait_until=START_MS + 1000)
    sandbox.advance(2000)
    assert len(sandbox.deliveries()) == 1


def test_delivery_faults_are_listed_among_the_deliveries_in_order(sandbox: SandboxClient) -> None:
    """The events of an advance are listed by time, each fault with the rule that fired."""
    begin(sandbox)
    sandbox.arm({"delivery": {"kind": "drop"}}, nth=2, name="lost")
    for second in (1, 2, 3):
        sandbox.enqueue("x", wait_until=START_MS + second * 1000)
    moved = sandbox.mock("POST", "/clock/advance", {"by-ms": 4000})
    assert [(each["at"][17:19], each["kind"]) for each in moved["happened"]] == [
        ("01", "message.delivered"),
        ("02", "fault.fired"),
        ("03", "message.delivered"),
    ]
    assert moved["happened"][1]["data"]["fault"] == "lost"


def test_a_fault_acts_on_no_message_that_waits_for_longer(sandbox: SandboxClient) -> None:
    """A rule with a duration is over when the message comes."""
    begin(sandbox)
    sandbox.arm({"delivery": {"kind": "drop"}}, **{"duration-ms": 1000})
    sandbox.enqueue("a", wait_until=START_MS + 1000)
    sandbox.enqueue("b", wait_until=FAR_S)
    sandbox.advance(2000)
    assert (len(sandbox.deliveries()), sandbox.stored()) == (1, 1)
