"""The journal: its description of a request, its search, and the secrets that it leaves out."""

from collections.abc import Callable
from typing import Any

import pytest

from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.sandbox.journal.entries import REFUSED_BODY
from eqkit.timing.clock import ManualClock
from eqkit.web.app import Application
from eqkit.web.messages.cors import TO_ANYBODY
from eqkit.web.messages.negotiation import MEDIA_TYPE
from tests.clients import BULK, MESSAGES, Client, message
from tests.control import Control, control_errors

LINK = f"http://mock.test{MESSAGES}/72301093732"
FIRST = "2016-03-27T00:00:00.000Z"


def entries(control: Control, **wanted: Any) -> list[dict[str, Any]]:
    """The entries that the journal lists."""
    response = control.get("/journal", params=wanted)
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["entries"]
    return found


def test_an_entry_has_the_request_the_decision_and_the_response(control: Control) -> None:
    """Ruling D2: also how the wait-until was read, and when the message is due."""
    control.public.enqueue("hello", 1459121798238, headers={"user-agent": "a-client", "prefer": "wait=1"})
    (entry,) = entries(control)
    assert entry.pop("duration-ms") >= 0
    assert {each["name"]: each["value"] for each in entry["request"].pop("headers")} == {
        "host": "mock.test",
        "user-agent": "a-client",
        "accept": "*/*",
        "content-type": "application/vnd.api+json",
        "prefer": "wait=1",
    }
    document = {"jsonapi": {"version": "1.1"}, "data": {"type": "message", "id": "72301093732"}}
    document["data"]["links"] = {"self": LINK}  # type: ignore[assignment]
    assert entry == {
        "number": 1,
        "at": FIRST,
        "method": "POST",
        "path": MESSAGES,
        "operation": "enqueueMessage",
        "queue": "a-queue",
        "request": {"size": 84, "document": {"data": message("hello", 1459121798238)}},
        "stored": True,
        "messages": [
            {
                "id": "72301093732",
                "due-at": "2016-03-27T23:36:38.238Z",
                "wait-until-at": "2016-03-27T23:36:38.238Z",
            }
        ],
        "status": 202,
        "error-codes": [],
        "answer": {
            "size": 149,
            "headers": [
                *(
                    {"name": name.decode(), "value": value.decode()}
                    for name, value in (*TO_ANYBODY, (b"content-type", MEDIA_TYPE))
                ),
                {"name": "location", "value": LINK},
                {"name": "content-location", "value": LINK},
            ],
            "document": document,
        },
        "outcome": "sent",
        "sent-bytes": 149,
        "violations": [],
        "warnings": [],
    }


def test_a_refused_request_is_journaled_with_its_errors(control: Control) -> None:
    """A refused request stored nothing, and its codes are there for programs."""
    control.public.post(MESSAGES, json={"data": message(7, -1)})
    (entry,) = entries(control)
    assert (entry["status"], entry["stored"], entry["messages"]) == (400, False, [])
    assert entry["error-codes"] == ["wrong-type", "invalid-wait-until"]
    assert [each["code"] for each in entry["answer"]["document"]["errors"]] == entry["error-codes"]


def test_each_message_of_a_bulk_is_journaled(control: Control) -> None:
    """Ruling B13: ids and times stand in the order of the request."""
    control.public.post(BULK, json={"data": [message("a"), message("b", 1459121798)]})
    (entry,) = entries(control)
    assert entry["messages"] == [
        {"id": "72301093732", "due-at": FIRST},
        {
            "id": "72301093733",
            "due-at": "2016-03-27T23:36:38.000Z",
            "wait-until-at": "2016-03-27T23:36:38.000Z",
        },
    ]


@pytest.mark.parametrize(
    "content",
    [b'{"data"', b"\xff\xfe", b"[" * 1000, b'{"meta":' + b"[" * 250 + b"]" * 250 + b"}"],
    ids=["no JSON", "no UTF-8", "too deep", "too deep to stand in another document"],
)
def test_a_body_that_cannot_be_shown_as_a_document_is_shown_as_text(control: Control, content: bytes) -> None:
    """Ruling B2: the journal can be read after any bytes."""
    control.public.post(MESSAGES, content=content)
    (entry,) = entries(control)
    assert entry["request"]["text"] == content.decode(errors="replace")
    assert entry["request"]["size"] == len(content)
    assert "document" not in entry["request"]


def test_a_deep_document_is_shown_as_long_as_it_can_be(control: Control) -> None:
    """JSON that nests as deep as it may inside of an entry is shown as it is."""
    content = b'{"meta":' + b"[" * 190 + b"]" * 190 + b"}"
    control.public.post(MESSAGES, content=content)
    assert "document" in entries(control)[0]["request"]


def test_a_byte_order_mark_does_not_hide_the_document(control: Control) -> None:
    """Ruling B2: one leading BOM is skipped here as there."""
    control.public.post(MESSAGES, content=b'\xef\xbb\xbf{"data": 1}')
    assert entries(control)[0]["request"]["document"] == {"data": 1}


def test_of_a_head_no_body_has_left(control: Control) -> None:
    """The answer of a HEAD has headers alone."""
    control.public.enqueue()
    control.public.request("HEAD", f"{MESSAGES}/72301093732")
    *_, entry = entries(control)
    assert (entry["method"], entry["status"]) == ("HEAD", 200)
    assert (entry["answer"]["size"], entry["sent-bytes"]) == (0, 0)


def test_no_key_comes_into_the_journal(application: Application) -> None:
    """Ruling H4: neither from its own header nor from where it does not belong."""
    control = Control(application, "test_very_secret")
    control.public.enqueue(headers={"user-agent": "sdk test_very_secret", "cookie": "test_very_secret"})
    control.public.get(f"{MESSAGES}/1?a=test_very_secret&api-key=of-another&b=2&session=one")
    control.public.enqueue(headers={"authorization": "wrong_but_secret"})
    first, second = entries(control)
    user_agent = {"name": "user-agent", "value": "sdk [redacted]"}
    assert user_agent in first["request"]["headers"]
    assert second["query"] == [
        {"name": "a", "value": "[redacted]"},
        {"name": "api-key", "value": "[redacted]"},
        {"name": "b", "value": "2"},
        {"name": "session", "value": "[redacted]"},
    ]
    for path in ("/journal", "/journal/har", "/journal/summary"):
        assert "secret" not in control.get(path).text
    assert "secret" not in repr(control.journal)


def test_an_escaped_key_does_not_come_into_the_journal_either(application: Application) -> None:
    """Ruling H4: a query is decoded before a key is looked for in it."""
    control = Control(application, "test_very_secret")
    control.public.get(f"{MESSAGES}/1?a=test%5Fvery%5Fsecret&b=2")
    [entry] = entries(control)
    assert entry["query"] == [{"name": "a", "value": "[redacted]"}, {"name": "b", "value": "2"}]
    for path in ("/journal", "/journal/har"):
        assert "secret" not in control.get(path).text


def test_each_key_has_a_journal_of_its_own(application: Application) -> None:
    """Ruling H4: the journal has the traffic of its own key; requests of the control plane are none."""
    one, other = Control(application, "test_one"), Control(application, "test_other")
    one.public.enqueue()
    assert [len(entries(each)) for each in (one, other, one)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"operation": "enqueueMessage"}, [1, 2, 4]),
        ({"operation": "headMessage"}, []),
        ({"queue": "b-queue"}, [4]),
        ({"status": 400}, [2]),
        ({"status": 202, "queue": "a-queue"}, [1, 3]),
        ({"since": "2016-03-27T00:00:02Z"}, [3, 4, 5]),
        ({"until": "2016-03-27T00:00:02.000Z"}, [1, 2, 3]),
        ({"since": "2016-03-27T00:00:01Z", "until": "2016-03-27T00:00:02.999Z"}, [2, 3]),
        ({"after": 3}, [4, 5]),
        ({"after": 5}, []),
        ({"after": 99}, []),
        ({"limit": 2}, [1, 2]),
        ({"after": 1, "limit": 2, "operation": "enqueueMessage"}, [2, 4]),
    ],
)
def test_the_journal_is_searched(
    control: Control, clock: ManualClock, wanted: dict[str, Any], numbers: list[int]
) -> None:
    """Filters take an operation, a queue, a status and times; a number to go on from, and a limit."""
    asked: list[Callable[[Client], object]] = [
        lambda client: client.enqueue("1"),
        lambda client: client.post(MESSAGES, json={}),
        lambda client: client.post(BULK, json={"data": [message("3")]}),
        lambda client: client.post(MESSAGES.replace("a-queue", "b-queue"), json={"data": message("4")}),
        lambda client: client.get(f"{MESSAGES}/1"),
    ]
    control.freeze()
    for ask in asked:
        ask(control.public)
        control.advance(by_ms=1000)
    assert [entry["number"] for entry in entries(control, **wanted)] == numbers


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("since=2016-02-31T00:00:00Z", ("400", "invalid-parameter", "since")),
        ("until=0000-01-01T00:00:00Z", ("400", "invalid-parameter", "until")),
        ("status=99999", ("400", "invalid-parameter", "status")),
        ("queue=_a", ("400", "invalid-queue-name", "queue")),
        ("path=a", ("400", "unknown-query-parameter", "path")),
    ],
)
def test_a_search_that_cannot_be_meant_is_refused(
    control: Control, query: str, error: tuple[str, str, str]
) -> None:
    """A filter that would find nothing by a slip is refused."""
    assert control_errors(control.get(f"/journal?{query}")) == [error]


def test_the_numbers_go_on_when_the_journal_is_cleared(control: Control) -> None:
    """A reader of the entries after a number never sees two of one number."""
    control.public.enqueue()
    assert control.request("DELETE", "/journal").status_code == 204
    known = {"complete": True, "lost": 0, "under-way": 0}
    assert control.get("/journal").json() == {"entries": [], "total": 1, **known}
    control.public.enqueue()
    assert [entry["number"] for entry in entries(control)] == [2]


def test_the_summary_counts_by_operation_and_status(control: Control) -> None:
    """A test sees the requests of its client at a glance."""
    control.public.post(BULK, json={"data": [message("a"), message("b")]})
    for number in range(2):
        control.public.get(f"{MESSAGES}/{number}")
    assert control.get("/journal/summary").json() == {
        "requests": 3,
        "stored": 2,
        "answers": [
            {"operation": "bulkEnqueueMessages", "status": 202, "count": 1},
            {"operation": "getMessage", "status": 404, "count": 2},
        ],
        "outcomes": [{"outcome": "sent", "count": 3}],
        "faults": [],
        "warnings": [],
        "complete": True,
        "lost": 0,
        "under-way": 0,
    }


def test_a_break_of_the_contract_by_the_server_is_journaled(clock: ManualClock) -> None:
    """Where answers are validated, the client got a 500, and the journal says why."""
    settings = ElasticQueueSettings(validate_responses=True)
    wrong = elasticqueue(settings, make_clock=lambda: clock, handlers="tests.web.wrong_handlers")
    control = Control(wrong)
    # The control plane's own answers come from its own folder, and are right.
    control.public.enqueue("a status that is not documented")
    (entry,) = entries(control)
    assert (entry["status"], entry["error-codes"]) == (500, ["internal-error"])
    (violation,) = entry["violations"]
    assert violation.startswith("enqueueMessage 299: answered 299, and enqueueMessage has only 202, ")
    assert [str(broken) for broken in wrong.broken] == entry["violations"]


def test_a_lost_answer_is_journaled_with_its_stored_message(control: Control) -> None:
    """The bug that every client of a queue has: stored, but the 202 was lost."""
    fault = {"name": "lost-answer", "do": {"wire": {"kind": "close"}}, "when": "after"}
    assert control.post("/faults", json=fault).status_code == 201
    with pytest.raises(ConnectionResetError):
        control.public.enqueue()
    (entry,) = entries(control)
    assert (entry["stored"], entry["fault"], entry["status"]) == (True, "lost-answer", 202)
    assert (entry["outcome"], entry["sent-bytes"]) == ("lost", 0)
    summary = control.get("/journal/summary").json()
    assert summary["outcomes"] == [{"outcome": "lost", "count": 1}]
    assert summary["faults"] == [{"fault": "lost-answer", "count": 1}]


def test_a_snapshot_holds_the_journal(application: Application) -> None:
    """A test that begins with a copy finds the requests until then, and does not touch the original's."""
    control = Control(application, "test_original")
    control.public.enqueue("twice")
    assert control.post("/sandboxes/test_original/fork", json={"to": "test_copy"}).status_code == 201
    copy = Control(application, "test_copy")
    copy.public.enqueue("twice")
    assert [entry["number"] for entry in entries(copy)] == [1, 2]
    assert [warning["kind"] for warning in entries(copy)[1]["warnings"]] == ["duplicate-message"]
    assert [entry["number"] for entry in entries(control)] == [1]


@pytest.mark.parametrize("content", [b"x" * 300_000, b'{"data": 5, "filler": "%s"}' % (b"x" * 300_000)])
def test_of_a_long_body_that_was_refused_there_is_the_length(control: Control, content: bytes) -> None:
    """Junk fills no memory; a short body is kept, to see its mistake."""
    control.public.post(MESSAGES, content=content)
    control.public.post(MESSAGES, content=content[-REFUSED_BODY:])
    long, short = entries(control)
    assert (long["status"], short["status"]) == (400, 400)
    assert long["request"].keys() == {"headers", "size"}
    assert (long["request"]["size"], short["request"]["size"]) == (len(content), REFUSED_BODY)
    assert len(short["request"]["text"]) == REFUSED_BODY
    assert control.get("/journal/har").json()["log"]["entries"][0]["request"]["bodySize"] == len(content)


def test_a_long_body_that_was_accepted_is_kept(control: Control) -> None:
    """A test asks for it, and it is counted once more with its message."""
    control.public.enqueue("x" * 300_000)
    (entry,) = entries(control)
    assert entry["request"]["document"]["data"]["attributes"]["body"] == "x" * 300_000
