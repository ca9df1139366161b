"""What the schema of a fault cannot say is refused when it is armed, each with its place."""

import itertools
import statistics
from collections import Counter
from typing import Any

import pytest

from eqkit.sandbox.events import Events
from eqkit.sandbox.faults.armed import LONGEST_MS, PAUSE_MS, Faults, WireFault, WireKind, wire_fault_in
from eqkit.sandbox.faults.fault_rules import contradictions
from eqkit.timing.instants import MAX_MS

ANSWER: dict[str, Any] = {"do": {"answer": {"status": 503}}}


def wrong(rule: dict[str, Any], *names: str) -> list[tuple[str | None, str]]:
    """Return the places and details of what is wrong with a rule, where there are examples of some names."""
    return [(each.pointer, each.detail) for each in contradictions(rule, lambda operation, status: names)]


def answer(**members: Any) -> dict[str, Any]:
    """Return a rule that answers."""
    return {"do": {"answer": {"status": 503, **members}}}


def latency(kind: str, **members: Any) -> dict[str, Any]:
    """Return a rule that waits."""
    return {"do": {"latency": {"kind": kind, "ms": 10, **members}}}


@pytest.mark.parametrize(
    "rule",
    [
        ANSWER,
        latency("fixed"),
        latency("uniform", **{"max-ms": 10}),
        latency("lognormal", sigma=1),
        answer(example="known"),
        answer(body="x", headers={"X-One": "\t x\xa0\xff~", "a!#$%&'*+.^_`|~0-9Z": ""}),
        answer(json={"a": ["{$request.body#/data}"]}),
        answer(base64="aGk="),
        {"do": {"wire": {"kind": "trickle", "pause-ms": 5}}},
        {"do": {"wire": {"kind": "reset"}}, "when": "before"},
        {"do": {"wire": {"kind": "truncate"}}, "when": "after"},
        {**ANSWER, "nth": 6, "every": 3},
        {**ANSWER, "nth": 5, "body": [{"pointer": "/a", "pattern": "x"}]},
    ],
)
def test_a_rule_that_means_something_is_armed(rule: dict[str, Any]) -> None:
    """At the edges, too: a range of one value, every character that a header may have."""
    assert wrong(rule, "known") == []


@pytest.mark.parametrize(
    ("rule", "pointer", "words"),
    [
        (latency("fixed", sigma=1), "/do/latency", 'A fixed latency takes no "sigma".'),
        (latency("fixed", **{"max-ms": 20}), "/do/latency", 'A fixed latency takes no "max-ms".'),
        (latency("uniform"), "/do/latency", 'A uniform latency needs "max-ms".'),
        (latency("lognormal"), "/do/latency", 'A lognormal latency needs "sigma".'),
        (latency("uniform", **{"max-ms": 9}), "/do/latency/max-ms", '"max-ms" is less than "ms".'),
        (answer(body="", json=1), "/do/answer/json", "one content; leave out all but one of body, json."),
        (answer(example="known", base64=""), "/do/answer/base64", "all but one of example, base64."),
        (answer(base64="a"), "/do/answer/base64", "must be base64"),
        (answer(base64="aGk=\n"), "/do/answer/base64", "must be base64"),
        (answer(example="knwn"), "/do/answer/example", 'did you mean "known"? there are known, other.'),
        (answer(example="x" * 50), "/do/answer/example", f'no example "{"x" * 40}" of 503; there are known'),
        (answer(headers={"a b": ""}), "/do/answer/headers/a b", '"a b" is no name of a header.'),
        (answer(headers={"": ""}), "/do/answer/headers/", "is no name of a header"),
        (answer(headers={"~/": ""}), "/do/answer/headers/~0~1", "is no name of a header"),
        (answer(headers={"TE": "1"}), "/do/answer/headers/TE", "The server sends TE by itself"),
        (answer(headers={"DATE": "1"}), "/do/answer/headers/DATE", "The server sends DATE by itself"),
        *[(answer(headers={"X": f"a{end}b"}), "/do/answer/headers/X", "no control characters")
          for end in "\r\n\0\x7f\u0100"],
        (answer(headers={"X": "{$request.nothing}"}), "/do/answer/headers/X", "request.nothing"),
        (answer(body="{$request.nothing}"), "/do/answer/body", "request.nothing"),
        (answer(json=["{$request.nothing}"]), "/do/answer/json", "request.nothing"),
        ({"do": {"wire": {"kind": "reset", "pause-ms": 5}}}, "/do/wire/pause-ms", '"reset" takes no'),
        ({"do": {"wire": {"kind": "trickle"}}, "when": "before"}, "/when", "Only an answer can trickle"),
        ({"do": {"wire": {"kind": "truncate"}}, "when": "before"}, "/when", "Only an answer can truncate"),
        ({**ANSWER, "nth": 5, "every": 3}, "/nth", "Request 5 is none of each 3"),
        ({**ANSWER, "body": [{"pointer": "/a", "pattern": "("}]}, "/body/0/pattern", "not a regular"),
    ],
)  # fmt: skip
def test_a_rule_that_contradicts_itself_is_told_where(rule: dict[str, Any], pointer: str, words: str) -> None:
    """And why: it would never fire, or nothing could be answered so."""
    [(found, detail)] = wrong(rule, "known", "other")
    assert found == pointer
    assert words in detail


def test_a_status_without_examples_says_so() -> None:
    """There is nothing to choose from."""
    [(_, detail)] = wrong(answer(example="any"))
    assert detail == 'There is no example "any" of 503; the contract has none for this status.'


def turns(asked: int, **members: Any) -> list[int]:
    """Return the turns, counted from 1, on which a rule fires."""
    faults = Faults(7, Events())
    rule = faults.arm({**ANSWER, **members}, 0)
    return [turn for turn in range(1, asked + 1) if faults.takes_its_turn(rule, turn)]


@pytest.mark.parametrize(
    ("members", "fired"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"nth": 4}, [4]),
        ({"every": 2}, [2, 4, 6]),
        ({"every": 2, "nth": 4}, [4]),
        ({"count": 2}, [1, 2]),
        ({"count": 2, "every": 2}, [2, 4]),
        ({"duration-ms": 3}, [1, 2]),
        ({"probability": 0}, []),
        ({"probability": 1}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_rule_fires_on_its_turns(members: dict[str, Any], fired: list[int]) -> None:
    """Counted from the first; its time is over at the very millisecond."""
    assert turns(6, **members) == fired


def test_chances_and_latencies_are_drawn_as_they_are_described() -> None:
    """The same for a seed, in their range, and spread over it."""
    share = len(turns(4_000, probability=0.25)) / 4_000
    assert 0.22 < share < 0.28
    faults, again, other = Faults(7, Events()), Faults(7, Events()), Faults(8, Events())
    uniform = {"kind": "uniform", "ms": 10, "max-ms": 12}
    drawn = [faults.latency_ms(uniform) for _ in range(300)]
    assert drawn == [again.latency_ms(uniform) for _ in range(300)]
    assert drawn != [other.latency_ms(uniform) for _ in range(300)]
    assert Counter(drawn).keys() == {10, 11, 12}
    assert faults.latency_ms({"kind": "fixed", "ms": 10}) == 10
    lognormal = {"kind": "lognormal", "ms": 1_000, "sigma": 0.5}
    several = sorted(faults.latency_ms(lognormal) for _ in range(2_000))
    assert 950 < statistics.median(several) < 1_050
    assert 550 < several[320] < 650  # a standard deviation below: 1000 / e ** 0.5
    wild = {"kind": "lognormal", "ms": 1_000_000, "sigma": 10}
    assert max(faults.latency_ms(wild) for _ in range(200)) == LONGEST_MS == 24 * 60 * 60 * 1000


def test_rules_act_up_to_the_first_that_decides() -> None:
    """Latencies add up; of two answers the first counts, and the second has had no turn."""
    faults = Faults(7, Events())
    rules = [
        faults.arm(each, 0)
        for each in (
            latency("fixed"), {"do": {"delivery": {"kind": "drop"}}}, {**ANSWER, "queue": "other"},
            latency("fixed"), ANSWER, ANSWER,
        )
    ]  # fmt: skip
    acting = [each.id for each in faults.matching("enqueue", "q", 0)]
    assert acting == [rules[0].id, rules[3].id, rules[4].id]
    assert [(each.seen, each.fired) for each in rules] == [(1, 1), (0, 0), (0, 0), (1, 1), (1, 1), (0, 0)]
    assert faults.on_requests
    assert [each.kind for each in rules] == ["fixed", "drop", "answer", "fixed", "answer", "answer"]
    assert faults.disarm("fault-5")
    assert not faults.disarm("fault-5")
    assert faults.arm(ANSWER, 0).id == "fault-7"
    faults.pin([1, 2], rules[1])
    faults.clear()
    assert (faults.rules, faults.pinned, faults.on_requests) == ([], {}, False)


def test_a_fault_ends_no_later_than_time_does() -> None:
    """A duration that goes beyond the last instant ends there."""
    rule = Faults(7, Events()).arm({**ANSWER, "duration-ms": 1_000}, MAX_MS - 10)
    assert rule.until_ms == MAX_MS
    assert rule.is_live(MAX_MS - 1)
    assert not rule.is_live(MAX_MS)


@pytest.mark.parametrize(("kind", "when"), [*itertools.product(WireKind, ["before", "after", None])])
def test_a_fault_on_the_wire_that_needs_an_answer_comes_after_the_commit(kind: str, when: str | None) -> None:
    """Whatever else a rule says."""
    rule = Faults(7, Events()).arm({"do": {"wire": {"kind": kind}}, **({"when": when} if when else {})}, 0)
    assert rule.is_after == (when == "after" or kind in ("truncate", "trickle"))
    assert wire_fault_in(rule.does["wire"]) == WireFault(WireKind(kind), PAUSE_MS)
    assert wire_fault_in({"kind": kind, "pause-ms": 7}).pause_ms == 7
