"""Counting and verifying requests: matches, misses, and the nearest requests."""

from typing import Any

import pytest

from tests.clients import BULK, MESSAGES, message
from tests.control import Control, control_errors

BODY = "/data/attributes/body"
AT_BODY = f"/request/document{BODY}"


def body_is(value: Any, pointer: str = BODY) -> dict[str, Any]:
    """A match for requests with a value in their document."""
    return {"body": [{"pointer": pointer, "value": value}]}


def verified(control: Control, *expectations: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the answer of a verification."""
    members = {name.replace("_", "-"): value for name, value in more.items()}
    response = control.post("/journal/verify", json={"expectations": list(expectations), **members})
    assert response.status_code == 200, response.text
    result: dict[str, Any] = response.json()
    assert result["verified"] == (not result["misses"])
    return result


@pytest.mark.parametrize(
    ("match", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"operation": "enqueueMessage"}, [1, 2, 4]),
        ({"queue": "a-queue", "status": 202}, [1, 2, 3]),
        ({"stored": True}, [1, 2, 3]),
        ({"stored": False}, [4]),
        ({"outcome": "sent"}, [1, 2, 3, 4]),
        ({"outcome": "lost"}, []),
        ({"fault": "any"}, []),
        ({"until": "2016-03-26T23:59:59.999Z"}, []),
        ({"since": "2016-03-27T00:00:00.000Z"}, [1, 2, 3, 4]),
        (body_is("hello"), [1]),
        (body_is("one", "/data/0/attributes/body"), [3]),
        (body_is("one", "/data/2/attributes/body"), []),
        (body_is("one", "/data/-/attributes/body"), []),
        (body_is({"body": "hello"}, "/data/attributes"), [1]),
        (body_is({"body": "hello", "wait-until": 1}, "/data/attributes"), []),
        (body_is([message("one"), message("two")], "/data"), [3]),
        (body_is([message("one")], "/data"), []),
        (body_is(1, "/meta/number"), [2]),
        (body_is(1.0, "/meta/number"), [2]),
        (body_is(True, "/meta/number"), []),
        (body_is(None, "/meta/nothing"), [2]),
        (body_is(None, "/meta/absent"), []),
        (body_is("slash", "/meta/a~1b~0"), [2]),
        (body_is({"data": {"type": "other"}}, ""), [4]),
        ({"body": [{"pointer": BODY, "pattern": "^h.l+o$"}]}, [1]),
        ({"body": [{"pointer": BODY, "pattern": "l|x"}]}, [1, 2]),
        ({"body": [{"pointer": "/meta/number", "pattern": "1"}]}, []),
        ({"body": [{"pointer": BODY, "pattern": "x"}, {"pointer": "/meta/number", "value": 1}]}, [2]),
        ({"body": [{"pointer": BODY, "pattern": "h"}, {"pointer": "/meta/number", "value": 1}]}, []),
    ],
)
def test_requests_are_counted_by_their_members(
    control: Control, match: dict[str, Any], numbers: list[int]
) -> None:
    """Every member that is given has to be so, at each pointer the very value or the pattern."""
    control.public.enqueue("hello")
    meta = {"number": 1, "nothing": None, "a/b~": "slash"}
    control.public.post(MESSAGES, json={"data": message("xyz"), "meta": meta})
    control.public.post(BULK, json={"data": [message("one"), message("two")]})
    control.public.post(MESSAGES, json={"data": {"type": "other"}})
    response = control.post("/journal/count", json=match)
    known = {"complete": True, "lost": 0, "under-way": 0}
    assert response.json() == {"count": len(numbers), "requests": numbers, **known}


@pytest.mark.parametrize(
    ("match", "error"),
    [
        ({"body": [{"pointer": "", "pattern": "("}]}, ("400", "invalid-value", "/body/0/pattern")),
        ({"body": [{"pointer": "", "pattern": r"(a)\1"}]}, ("400", "invalid-value", "/body/0/pattern")),
        ({"body": [{"pointer": ""}]}, ("400", "invalid-value", "/body/0")),
        ({"body": [{"pointer": "a", "value": 1}]}, ("400", "invalid-value", "/body/0/pointer")),
        ({"since": "2016-02-31T00:00:00Z"}, ("400", "invalid-value", "/since")),
        ({"until": "0000-01-01T00:00:00Z"}, ("400", "invalid-value", "/until")),
        ({"opration": "enqueueMessage"}, ("400", "unknown-member", "/opration")),
    ],
)
def test_a_match_that_cannot_be_meant_is_refused(
    control: Control, match: dict[str, Any], error: tuple[str, str, str]
) -> None:
    """A slip in a match would count nothing, and verify that something never came."""
    assert control_errors(control.post("/journal/count", json=match)) == [error]
    status, code, pointer = error
    expected = (status, code, f"/expectations/0/request{pointer}")
    response = control.post("/journal/verify", json={"expectations": [{"request": match}]})
    assert control_errors(response) == [expected]


def test_no_pattern_makes_the_server_hang(control: Control) -> None:
    """Patterns are matched in a time that is linear in the text, even those made to be slow."""
    control.public.enqueue("a" * 10_000 + "b")
    slow = {"body": [{"pointer": BODY, "pattern": "^(a+)+$"}]}
    assert control.post("/journal/count", json=slow).json()["count"] == 0


@pytest.mark.parametrize(
    ("holds", "rule"),
    [
        ([1], {"exactly": 1}),
        ([0], {"exactly": 0}),
        ([0], {"never": True}),
        ([2, 3], {"at-least": 2}),
        ([0, 1, 2], {"at-most": 2}),
        ([1, 2], {"at-least": 1, "at-most": 2}),
        ([1, 2, 3], {}),
    ],
)
def test_an_expectation_holds_for_as_many_requests_as_it_says(
    control: Control, holds: list[int], rule: dict[str, Any]
) -> None:
    """Exactly, at least, at most, never; and at least one where nothing is said."""
    held = []
    for count in range(4):
        result = verified(control, {"request": body_is("hello"), **rule})
        if result["verified"]:
            held.append(count)
        else:
            assert [miss["rule"] for miss in result["misses"]] == ["count"]
            assert len(result["misses"][0]["matched"]) == count
        control.public.enqueue("hello")
        control.public.enqueue("another")
    assert held == holds


def test_a_miss_shows_the_nearest_requests_and_their_differences(control: Control) -> None:
    """The fewest differences come first, each with a pointer into the entry."""
    control.public.get(f"{MESSAGES}/1")
    control.public.enqueue("hallo", 1459121798238)
    control.public.post(BULK, json={"data": [message("hello")]})
    wanted = {
        "operation": "enqueueMessage",
        "status": 202,
        **body_is(message("hello", 1459121798238)["attributes"], "/data/attributes"),
    }
    (miss,) = verified(control, {"request": wanted, "exactly": 1})["misses"]
    assert (miss["expectation"], miss["matched"]) == (0, [])
    assert miss["detail"] == "Expected exactly 1, and found 0."
    assert [near["number"] for near in miss["nearest"]] == [2, 3, 1]
    attributes = {"body": "hello", "wait-until": 1459121798238}
    assert [near["differences"] for near in miss["nearest"]] == [
        [{"pointer": AT_BODY, "expected": "hello", "found": "hallo"}],
        [
            {"pointer": "/operation", "expected": "enqueueMessage", "found": "bulkEnqueueMessages"},
            {"pointer": "/request/document/data/attributes", "expected": attributes},
        ],
        [
            {"pointer": "/operation", "expected": "enqueueMessage", "found": "getMessage"},
            {"pointer": "/status", "expected": 202, "found": 404},
            {"pointer": "/request/document/data/attributes", "expected": attributes},
        ],
    ]


def test_a_pointer_of_a_difference_leads_into_the_entry(control: Control) -> None:
    """The entry of the journal has the found value at that pointer."""
    control.public.enqueue("hallo")
    (miss,) = verified(control, {"request": {**body_is("hello"), "status": 409}})["misses"]
    (entry,) = control.get("/journal").json()["entries"]
    for difference in miss["nearest"][0]["differences"]:
        node = entry
        for part in difference["pointer"].split("/")[1:]:
            node = node[part]
        assert node == difference["found"]


def test_too_many_show_themselves_and_nothing_near(control: Control) -> None:
    """For requests that should not have come there is nothing nearer than the ones that came."""
    control.public.enqueue("hello")
    (miss,) = verified(control, {"request": {"stored": True}, "never": True})["misses"]
    assert (miss["matched"], miss["nearest"]) == ([1], [])


def test_a_document_that_is_too_deep_to_be_shown_is_reported_so(control: Control) -> None:
    """Ruling B2: any bytes, however deep, give no 500."""
    control.public.post(MESSAGES, content=b'{"meta":' + b"[" * 250 + b"]" * 250 + b"}")
    (miss,) = verified(control, {"request": body_is(1, "/meta")})["misses"]
    assert "too deep" in miss["nearest"][0]["differences"][0]["found"]


@pytest.mark.parametrize(
    ("bodies", "holds"),
    [("ab", True), ("ba", False), ("aab", True), ("bab", True), ("acb", True), ("bba", False)],
)
def test_requests_in_order_come_after_one_another(control: Control, bodies: str, holds: bool) -> None:
    """Somewhere after the first is the second, with others between them or not."""
    for body in bodies:
        control.public.enqueue(body)
    expectations = [{"request": body_is("a")}, {"request": body_is("b")}]
    assert verified(control, *expectations)["verified"]
    result = verified(control, *expectations, in_order=True)
    assert [miss["rule"] for miss in result["misses"]] == ([] if holds else ["order"])


def test_one_request_does_not_come_after_itself(control: Control) -> None:
    """Two expectations in order need two requests, even where one would do for both."""
    control.public.enqueue("a")
    both = [{"request": body_is("a")}, {"request": {"stored": True}}]
    (miss,) = verified(control, *both, in_order=True)["misses"]
    assert (miss["rule"], miss["expectation"]) == ("order", 1)
    control.public.enqueue("b")
    assert verified(control, *both, in_order=True)["verified"]


@pytest.mark.parametrize(
    ("bodies", "holds"), [("aab", True), ("aba", False), ("abab", False), ("cacab", True)]
)
def test_as_many_requests_as_expected_come_first(control: Control, bodies: str, holds: bool) -> None:
    """With a number, that many come before the next expectation's."""
    for body in bodies:
        control.public.enqueue(body)
    expectations = [
        {"request": body_is("a"), "at-least": 2},
        {"request": body_is("b"), "exactly": bodies.count("b")},
    ]
    assert verified(control, *expectations, in_order=True)["verified"] == holds


def test_within_is_measured_on_the_clock_of_the_sandbox(control: Control) -> None:
    """A test that moves its clock on by a minute has a minute between its requests."""
    control.freeze()
    control.public.enqueue("a")
    control.advance(by_ms=30_000)
    control.public.enqueue("b")
    control.advance(by_ms=86_400_000)
    control.public.enqueue("c")
    expectations = [{"request": body_is("a")}, {"request": body_is("b")}]
    assert verified(control, *expectations, within_ms=30_000)["verified"]
    (miss,) = verified(control, *expectations, within_ms=29_999)["misses"]
    assert (miss["rule"], miss["matched"]) == ("time", [1, 2])
    assert "expectation" not in miss
