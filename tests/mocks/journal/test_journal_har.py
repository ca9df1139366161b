"""The journal as an HTTP Archive, held against HAR 1.2 as its specification writes it."""

import base64
from datetime import datetime
from typing import Any

import pytest

from eqkit import __version__
from eqkit.sandbox.faults.armed import MOST_FAULTS
from tests.clients import BULK, MESSAGES, message
from tests.contract.documents import MOCK
from tests.control import Control

NAMED = {"name": str, "value": str}
CONTENT = {"size": int, "mimeType": str}
TIMINGS = {"send": (int, float), "wait": (int, float), "receive": (int, float)}
REQUEST = {
    "method": str,
    "url": str,
    "httpVersion": str,
    "cookies": [NAMED],
    "headers": [NAMED],
    "queryString": [NAMED],
    "headersSize": int,
    "bodySize": int,
}
RESPONSE = {
    "status": int,
    "statusText": str,
    "httpVersion": str,
    "cookies": [NAMED],
    "headers": [NAMED],
    "content": CONTENT,
    "redirectURL": str,
    "headersSize": int,
    "bodySize": int,
}
ENTRY = {
    "startedDateTime": str,
    "time": (int, float),
    "request": REQUEST,
    "response": RESPONSE,
    "cache": {},
    "timings": TIMINGS,
}
HAR = {"log": {"version": str, "creator": {"name": str, "version": str}, "entries": [ENTRY]}}
OPTIONAL = {"comment", "postData", "text", "encoding", "compression", "params", "pages", "browser"}
"""Members that HAR 1.2 allows and does not demand; any other would have to begin with an underscore."""


def faults(value: Any, structure: Any, place: str = "") -> list[str]:
    """Where a value is not built as HAR 1.2 demands."""
    if isinstance(structure, dict):
        if not isinstance(value, dict):
            return [f"{place} is no object"]
        missing = [f"{place}/{name} is missing" for name in structure.keys() - value.keys()]
        others = value.keys() - structure.keys() - OPTIONAL
        unknown = [f"{place}/{name} is unknown" for name in others if not name.startswith("_")]
        within = [
            fault
            for name in structure.keys() & value.keys()
            for fault in faults(value[name], structure[name], f"{place}/{name}")
        ]
        return missing + unknown + within
    if isinstance(structure, list):
        items = enumerate(value) if isinstance(value, list) else ()
        found = [fault for index, each in items for fault in faults(each, structure[0], f"{place}/{index}")]
        return found if isinstance(value, list) else [f"{place} is no array"]
    return [] if isinstance(value, structure) and not isinstance(value, bool) else [f"{place} is {value!r}"]


def archive(control: Control, **wanted: Any) -> list[dict[str, Any]]:
    """The entries of the archive, having held it against HAR 1.2."""
    response = control.get("/journal/har", params=wanted)
    assert response.status_code == 200
    assert faults(response.json(), HAR) == []
    entries: list[dict[str, Any]] = response.json()["log"]["entries"]
    for entry in entries:
        assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo is not None
        assert entry["time"] == sum(entry["timings"].values())
        assert ("postData" in entry["request"]) == (entry["request"]["bodySize"] > 0)
    return entries


def test_an_empty_journal_is_an_archive_too(control: Control) -> None:
    """Tools read who made it, and that nothing is in it."""
    assert archive(control) == []
    log = control.get("/journal/har").json()["log"]
    assert (log["version"], log["creator"]) == ("1.2", {"name": "eqkit", "version": __version__})


def test_requests_and_answers_are_exported_as_they_went_over_the_wire(control: Control) -> None:
    """Address, body and status of each, byte for byte."""
    enqueued = control.public.enqueue("grüße", headers={"user-agent": "a-client"})
    read = control.public.get(f"{MESSAGES}/7?a=1&a=2%20")
    first, second = archive(control)
    assert first["request"]["url"] == f"http://mock.test{MESSAGES}"
    assert first["request"]["postData"] == {
        "mimeType": "application/vnd.api+json",
        "params": [],
        "text": enqueued.request.content.decode(),
    }
    assert first["request"]["bodySize"] == len(enqueued.request.content)
    assert {"name": "user-agent", "value": "a-client"} in first["request"]["headers"]
    assert first["response"]["content"] == {
        "size": len(enqueued.content),
        "mimeType": "application/vnd.api+json",
        "text": enqueued.text,
    }
    assert (first["response"]["status"], first["response"]["statusText"]) == (202, "Accepted")
    assert {"name": "location", "value": enqueued.headers["location"]} in first["response"]["headers"]
    assert second["request"]["url"] == f"http://mock.test{MESSAGES}/7?a=1&a=2%20"
    assert second["request"]["queryString"] == [{"name": "a", "value": "1"}, {"name": "a", "value": "2 "}]
    assert (second["response"]["status"], second["response"]["content"]["text"]) == (400, read.text)


def test_bytes_that_are_no_text_do_not_break_the_archive(control: Control) -> None:
    """Ruling B2: bytes that are no text are written as base64."""
    control.public.post(MESSAGES, content=b"\xff\x00")
    (entry,) = archive(control)
    data = entry["request"]["postData"]
    assert (base64.b64decode(data["text"]), data["encoding"]) == (b"\xff\x00", "base64")


def test_an_answer_that_was_lost_is_marked(control: Control) -> None:
    """Nothing of its body has left, and the comment names the fault."""
    control.post("/faults", json={"name": "lost", "do": {"wire": {"kind": "close"}}, "when": "before"})
    with pytest.raises(ConnectionResetError):
        control.public.enqueue()
    (entry,) = archive(control)
    assert entry["comment"] == "request 1 of the journal, fault lost (close), the answer was lost"
    assert (entry["response"]["status"], entry["response"]["bodySize"]) == (0, 0)


def test_every_fault_of_a_request_is_in_its_comment(control: Control) -> None:
    """As many faults as can be armed, each with the longest name, fit into the comment of the contract."""
    for number in range(MOST_FAULTS):
        rule = {"name": f"slow-{number:035}", "do": {"latency": {"kind": "fixed", "ms": 0}}}
        assert control.post("/faults", json=rule).status_code == 201
    control.public.enqueue()
    (entry,) = archive(control)
    assert entry["comment"].count(" (latency)") == MOST_FAULTS
    longest = MOCK.at("#/components/schemas/HarEntry/properties/comment/maxLength")
    assert len(entry["comment"]) <= longest


@pytest.mark.parametrize(
    ("wanted", "count"),
    [({"operation": "enqueueMessage"}, 1), ({"queue": "a-queue"}, 2), ({"queue": "b"}, 0), ({"after": 1}, 1)],
)
def test_a_part_of_the_journal_is_exported(control: Control, wanted: dict[str, Any], count: int) -> None:
    """Filters take an operation, a queue, and a number to go on from."""
    control.public.enqueue()
    control.public.post(BULK, json={"data": [message()]})
    assert len(archive(control, **wanted)) == count


def test_the_structure_is_checked_indeed() -> None:
    """The check finds missing members, unknown ones, and those of another type."""
    broken = {"log": {"version": 1.2, "creator": {"name": "a"}, "entries": {}, "more": 1}}
    assert sorted(faults(broken, HAR)) == [
        "/log/creator/version is missing",
        "/log/entries is no array",
        "/log/more is unknown",
        "/log/version is 1.2",
    ]
