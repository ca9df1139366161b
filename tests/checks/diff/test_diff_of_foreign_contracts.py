"""Parts of other people's contracts that ours lacks: ranges, defaults, servers, callbacks, alternatives."""

import copy
from typing import Any

import pytest

from eqkit.checks.diff.comparison import diff
from eqkit.checks.findings import Severity
from tests.checks.things import BASE, GET, PUT, Change, at, compared, contract, drop, put, rules

ANSWERS = at("paths>/things/{id}>get>responses")
OF_PUT = at("paths>/things/{id}>put>responses")
CALLBACK = at("paths>/things/{id}>put>callbacks>stored>{$request.query.to}")
ASKED = at("paths>/things/{id}>put>callbacks>stored>{$request.query.to}>post")
ANSWERED = at("paths>/things/{id}>put>callbacks>stored>{$request.query.to}>post>responses")
WHY = at(
    "paths>/things/{id}>put>callbacks>stored>{$request.query.to}>post>responses>409>content"
    ">application/json>schema>properties>why"
)
TOLD = at("components>schemas>Told")
PROBLEM = at("components>schemas>Problem")
SAME: Any = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
OTHER: Any = {"content": {"application/json": {"schema": {"type": "object", "properties": {}}}}}


def server(data: dict[str, Any]) -> Any:
    """Return the one server of the contract."""
    return data["servers"][0]


def messages(**members: Any) -> Change:
    """Change a copy of the schema Told that the callback alone refers to."""

    def change(data: dict[str, Any]) -> None:
        data["components"]["schemas"]["Mine"] = {**TOLD(data), **members}
        ASKED(data)["requestBody"]["content"]["application/json"]["schema"] = {
            "$ref": "#/components/schemas/Mine"
        }

    return change


FEWER: Any = {"id": {"type": "string"}, "event": {"type": "string", "enum": ["lost"]}}
HEADER: Any = {"name": "X-Try", "in": "header", "schema": {}}
ELSEWHERE: Any = {"gone": {"{$url}": {"post": {"responses": {}}}}}

BREAKING: list[tuple[str, Change]] = [
    ("success-status-removed", drop(ANSWERS, "200")),
    ("response-property-lost", put(ANSWERS, **{"404": OTHER})),
    ("response-property-lost", put(ANSWERS, **{"4XX": OTHER})),
    ("response-property-lost", lambda data: (ANSWERS(data).pop("4XX"), ANSWERS(data).update(default=OTHER))),
    ("success-status-changed", lambda data: ANSWERS(data).update({"201": ANSWERS(data).pop("200")})),
    ("server-removed", lambda data: server(data)["variables"]["region"].update(enum=["eu"])),
    ("server-removed", lambda data: data.update(servers=[{"url": "https://other.example/v1"}])),
    ("server-removed", put(GET, servers=[{"url": "https://eu.things.example/v1"}])),
    ("server-path-changed", lambda data: server(data).update(url="https://{region}.things.example/v2")),
    ("callback-removed", drop(PUT, "callbacks")),
    ("callback-removed", lambda data: CALLBACK(data).update(put=CALLBACK(data).pop("post"))),
    ("callback-parameter-removed", drop(ASKED, "parameters")),
    (
        "callback-parameter-style",
        lambda data: ASKED(data)["parameters"][0].update(content={"text/plain": {}}),
    ),
    ("callback-parameter-optional", lambda data: ASKED(data)["parameters"][0].update(required=False)),
    ("callback-request-type-wider", lambda data: ASKED(data)["parameters"][0]["schema"].clear()),
    ("callback-request-body-removed", drop(ASKED, "requestBody")),
    ("callback-request-body-optional", lambda data: ASKED(data)["requestBody"].pop("required")),
    ("callback-request-required-wider", messages(required=["id"])),
    ("callback-request-property-lost", messages(required=["id"], properties={"id": {"type": "string"}})),
    ("callback-status-removed", drop(ANSWERED, "409")),
    ("callback-media-type-removed", lambda data: ANSWERED(data)["409"]["content"].clear()),
    ("callback-response-max-length-narrower", put(WHY, maxLength=8)),
]
"""Rules and changes that break clients."""

HARMLESS: list[tuple[str, Change]] = [
    ("a status spelt out that its range has documented", put(ANSWERS, **{"404": SAME})),
    ("a range spelt out that the default has documented", put(ANSWERS, **{"5XX": SAME})),
    ("a range that the default documents in the same way", drop(ANSWERS, "4XX")),
    ("a status that its new range documents",
     lambda data: OF_PUT(data).update({"4XX": OF_PUT(data).pop("404")})),
    ("a range for an operation that had none", put(OF_PUT, **{"5XX": {"description": "Broken."}})),
    ("one more server", lambda data: data["servers"].append({"url": "https://asia.things.example/v1"})),
    ("one more value of a variable", lambda data: server(data)["variables"]["region"]["enum"].append("ap")),
    ("a range that is no longer answered",
     lambda data: (ANSWERS(data).pop("4XX"), ANSWERS(data).pop("default"))),
    ("a default that is no longer answered", drop(ANSWERS, "default")),
    ("an error that is no longer answered", drop(OF_PUT, "404")),
    ("a callback", put(GET, callbacks=ELSEWHERE)),
    ("a parameter of a callback", lambda data: ASKED(data)["parameters"].append(HEADER)),
    ("less that a callback may send", messages(properties=FEWER)),
    ("one more answer to a callback", put(ANSWERED, **{"410": {"description": "No more."}})),
    ("a longer answer to a callback", put(WHY, maxLength=100)),
    ("an optional property of an alternative", lambda data: TOLD(data)["properties"].update(more={})),
]  # fmt: skip
"""Changes that break nobody."""


@pytest.mark.parametrize(
    ("rule", "change"), BREAKING, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(BREAKING)]
)
def test_a_break_is_named(rule: str, change: Change) -> None:
    """Each change is reported by its rule, at its line, and by no other error."""
    run = compared(change)
    assert rules(run, Severity.ERROR) == {f"diff-{rule}"}, run.findings
    assert run.details["next_version"] == "2.0.0"
    assert all(finding.place and finding.place.line for finding in run.findings)


@pytest.mark.parametrize("change", [change for _, change in HARMLESS], ids=[name for name, _ in HARMLESS])
def test_a_change_that_breaks_nobody_is_no_error(change: Change) -> None:
    """Neither an equivalent spelling nor an addition is an error."""
    run = compared(change)
    assert rules(run, Severity.ERROR) == set(), run.findings


def test_an_equivalent_status_range_is_no_change() -> None:
    """A status that its range has documented in the same way is neither removed nor added."""
    for change in (put(ANSWERS, **{"404": SAME}), drop(ANSWERS, "4XX")):
        assert {finding.rule for finding in compared(change).findings} == {"diff-version"}


def test_an_answer_is_named_by_the_narrower_of_two_statuses() -> None:
    """It is the 404 that lost a property, and not all of 4XX."""
    run = compared(put(ANSWERS, **{"404": OTHER}))
    assert any("response 404 lost the property title" in finding.message for finding in run.findings)


def test_a_server_that_moved_is_reported_with_both_addresses() -> None:
    """One finding for each address, for all operations together."""
    run = compared(lambda data: server(data).update(url="https://{region}.things.example/v2"))
    moved = [finding.message for finding in run.findings if finding.rule == "diff-server-path-changed"]
    assert len(moved) == 2
    assert "https://eu.things.example/v1 is now at https://eu.things.example/v2 (and 1 more)" in moved[0]


def test_a_callback_is_named_with_its_change() -> None:
    """Its name, its method and its address, as the document writes them."""
    run = compared(drop(ANSWERED, "409"))
    assert (
        "PUT /things/{id}: callback stored POST {$request.query.to}: the client may no longer answer 409"
        in {finding.message for finding in run.findings}
    )


def test_a_media_type_is_the_same_with_and_without_its_charset() -> None:
    """Parameters make no other media type of it."""
    run = compared(lambda data: (
        content := ANSWERS(data)["4XX"]["content"],
        content.update({"application/json; charset=utf-8": content.pop("application/json")}),
    ))  # fmt: skip
    assert {finding.rule for finding in run.findings} == {"diff-version"}


def test_changes_are_reported_in_the_order_of_the_document() -> None:
    """A report lists its changes in the same order in every run, independent of the order of sets."""
    named = {name: {"type": "string"} for name in ("z", "y", "x", "w", "v", "u", "t", "s")}
    run = compared(messages(properties={**TOLD(BASE)["properties"], **named}))
    added = [each.message[-1] for each in run.findings if each.rule == "diff-callback-request-property-added"]
    assert added == list(named)


def test_a_part_that_a_schema_is_made_of_is_compared_with_itself() -> None:
    """Parts of `allOf` are matched in any order; a removed one loses all of its properties."""
    whole: list[Any] = [{"$ref": "#/components/schemas/Told"}, {"type": "object", "properties": {"z": {}}}]

    def told_by(old: list[Any], new: list[Any]) -> set[str]:
        before, after = copy.deepcopy(BASE), copy.deepcopy(BASE)
        before["components"]["schemas"]["Stored"] = {"allOf": old}
        after["components"]["schemas"]["Stored"] = {"allOf": new}
        run = diff(contract(before, "old.json"), contract(after, "new.json"))
        return {finding.rule for finding in run.findings} - {"diff-version"}

    assert told_by(whole, whole[::-1]) == set()
    assert told_by(whole, whole[1:]) == {"diff-response-property-lost"}
    assert told_by(whole[1:], whole) == {"diff-response-required-narrower"}
    assert told_by(whole, whole[:1]) == {"diff-response-property-lost"}
