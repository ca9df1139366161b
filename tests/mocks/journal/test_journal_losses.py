"""Verification with requests that are forgotten or under way; and expectations that can't be verified."""

import asyncio
from typing import Any

import pytest

from eqkit.sandbox.journal.entries import Journal
from eqkit.web.app import Application
from tests.clients import BULK, KEY, MESSAGES, message
from tests.control import Control, control_errors
from tests.mocks.sandbox_clients import SandboxClient, until

KEPT = 3
OTHER = "/v1/queues/other/messages"
LATENCY = {"latency": {"kind": "fixed", "ms": 5_000}}


@pytest.fixture
def control(application: Application) -> Control:
    """A client of a sandbox whose journal keeps three requests, of which the first one is lost."""
    control = Control(application)
    control.freeze()
    sandbox = application.sandboxes.of(KEY)
    assert sandbox is not None
    sandbox.journal = Journal(KEPT)
    control.public.post(OTHER, json={"data": message("first")})
    control.advance(by_ms=1_000)
    for body in ("one", "two", "three"):
        control.public.enqueue(body)
    return control


def verified(control: Control, *expectations: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the answer of a verification."""
    response = control.post("/journal/verify", json={"expectations": list(expectations), **more})
    assert response.status_code == 200, response.text
    result: dict[str, Any] = response.json()
    return result


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/journal", None),
        ("GET", "/journal/summary", None),
        ("POST", "/journal/count", {}),
        ("POST", "/journal/verify", {"expectations": [{"request": {}}]}),
    ],
)
def test_each_count_tells_the_number_of_lost_requests(
    control: Control, method: str, path: str, body: dict[str, Any] | None
) -> None:
    """An answer says that its number is not that of all requests where the journal has lost some."""
    answer = control.request(method, path, **({} if body is None else {"json": body})).json()
    assert (answer["complete"], answer["lost"]) == (False, 1)
    control.request("DELETE", "/journal")
    answer = control.request(method, path, **({} if body is None else {"json": body})).json()
    assert (answer["complete"], answer["lost"]) == (True, 0)


@pytest.mark.parametrize(
    "match", [{"queue": "other"}, {}, {"stored": True}, {"until": "2030-01-01T00:00:00Z"}]
)
@pytest.mark.parametrize("bound", [{"never": True}, {"exactly": None}, {"at-most": None}])
def test_no_bound_from_above_holds_over_lost_requests(
    control: Control, match: dict[str, Any], bound: dict[str, Any]
) -> None:
    """Of the requests that are lost, any may be one of those that should not have come."""
    count = control.post("/journal/count", json=match).json()["count"]
    rule = {name: count if value is None else value for name, value in bound.items()}
    result = verified(control, {"request": match, **rule})
    assert result["verified"] is False
    if rule != {"never": True} or not count:
        (miss,) = result["misses"]
        assert miss["rule"] == "incomplete"
        assert "the journal has lost 1 of the requests up to 2016-03-27T00:00:00.000Z" in miss["detail"]


def test_requests_since_the_last_lost_one_are_verified_as_ever(control: Control) -> None:
    """The journal has all of a time from which it has lost nothing."""
    since = {"since": "2016-03-27T00:00:01.000Z"}
    assert verified(control, {"request": since, "exactly": 3})["verified"]
    assert verified(control, {"request": {**since, "queue": "other"}, "never": True})["verified"]
    assert verified(control, {"request": since}, **{"within-ms": 0})["verified"]


def test_bounds_from_below_hold_by_the_kept_requests(control: Control) -> None:
    """A request that was seen has come, whether others were lost or not."""
    assert verified(control, {"request": {"queue": "a-queue"}, "at-least": 3})["verified"]
    (miss,) = verified(control, {"request": {}, "at-least": 4})["misses"]
    assert (miss["rule"], "has lost 1" in miss["detail"]) == ("count", True)


def test_a_duration_is_not_verified_over_lost_requests(control: Control) -> None:
    """The first of all requests that match may be one that is lost."""
    (miss,) = verified(control, {"request": {}}, **{"within-ms": 10})["misses"]
    assert miss["rule"] == "incomplete"


def test_a_body_that_was_not_kept_may_be_the_one(application: Application) -> None:
    """A request whose body was too long for the journal is not taken for one with another body."""
    control = Control(application)
    control.public.enqueue("hello")
    sandbox = application.sandboxes.of(KEY)
    assert sandbox is not None
    (entry,) = sandbox.journal.entries
    sandbox.journal.record(entry._replace(request=b"", left_out=(2_000_000, 0)))
    wanted = {"body": [{"pointer": "/data/attributes/body", "value": "hello"}]}
    (miss,) = verified(control, {"request": wanted, "exactly": 1})["misses"]
    assert (miss["rule"], "too long to be kept" in miss["detail"]) == ("incomplete", True)
    assert verified(control, {"request": {**wanted, "status": 400}, "never": True})["verified"]
    assert verified(control, {"request": {"status": 202}, "exactly": 2})["verified"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_request_under_way_is_not_one_that_never_came(sandbox: SandboxClient, when: str) -> None:
    """While it waits for its answer it is in no journal, and may be a request that should never come."""
    sandbox.arm(LATENCY, when=when)

    def verify(match: dict[str, Any]) -> Any:
        expectation = {"request": match, "never": True}
        return sandbox.mock("POST", "/journal/verify", {"expectations": [expectation]})

    with sandbox.asking() as connection:
        until(sandbox.has_fired)
        until(lambda: sandbox.mock("GET", "/journal/summary")["under-way"] == 1)
        for match in ({}, {"stored": True}, {"queue": "a-queue"}, {"status": 202}):
            (miss,) = verify(match)["misses"]
            assert (
                miss["rule"],
                "1 still under way (POST /v1/queues/a-queue/messages)" in miss["detail"],
            ) == (
                "incomplete",
                True,
            )
        for match in ({"queue": "other"}, {"operation": "getMessage"}, {"until": "2000-01-01T00:00:00Z"}):
            assert verify(match)["verified"]
        assert verify({"stored": False})["verified"] == (when == "after")
        sandbox.advance(5_000)
        assert connection.reply().status == 202
        assert sandbox.mock("GET", "/journal/summary")["under-way"] == 0
        assert verify({"stored": True})["misses"][0]["rule"] == "count"


def test_a_preferred_delay_is_under_way_too(control: Control) -> None:
    """A verification counts each request that is held up, by any means."""

    async def ask() -> None:
        headers = {"prefer": "delay=5"}
        asking = asyncio.ensure_future(
            control.public.send("POST", MESSAGES, json={"data": message()}, headers=headers)
        )
        for _ in range(100):
            await asyncio.sleep(0)
        assert (await control.send("GET", "/journal")).json()["under-way"] == 1
        never = {"expectations": [{"request": {"since": "2016-03-27T00:00:02.000Z"}, "never": True}]}
        assert not (await control.send("POST", "/journal/verify", json=never)).json()["verified"]
        await control.send("POST", "/clock/advance", json={"by-ms": 5_000})
        assert (await asking).status_code == 202

    control.request("DELETE", "/journal")
    asyncio.run(ask())


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"exactly": 1, "never": True}, "/never"),
        ({"exactly": 1, "at-least": 1}, "/at-least"),
        ({"at-most": 1, "never": True}, "/never"),
        ({"at-least": 1, "at-most": 2, "never": True}, "/never"),
        ({"at-least": 2, "at-most": 1}, "/at-most"),
        ({"at-least": 0}, "/at-least"),
        ({"never": False}, "/never"),
    ],
)
def test_an_expectation_that_always_or_never_holds_is_refused(
    control: Control, rule: dict[str, Any], place: str
) -> None:
    """Nobody can mean it, and no request would change its result."""
    response = control.post("/journal/verify", json={"expectations": [{"request": {}, **rule}]})
    assert control_errors(response) == [("400", "invalid-value", f"/expectations/0{place}")]


SLIPS = [
    ({"operation": "enqueMessage"}, "operation", 'did you mean "enqueueMessage"?'),
    ({"operation": "x"}, "operation", "there are bulkEnqueueMessages, enqueueMessage"),
    ({"outcome": "loost"}, "outcome", 'did you mean "lost"?'),
    ({"since": "2030-01-01T00:00:00Z", "until": "2020-01-01T00:00:00Z"}, "until", "No request comes since"),
]


@pytest.mark.parametrize(("match", "name", "message"), SLIPS)
def test_an_impossible_filter_is_refused_with_the_nearest_name(
    control: Control, match: dict[str, Any], name: str, message: str
) -> None:
    """A slip matches nothing, so that *never* would hold for ever; wherever requests are meant."""
    for path, body, pointer in (
        ("/journal/count", match, f"/{name}"),
        ("/journal/verify", {"expectations": [{"request": match}]}, f"/expectations/0/request/{name}"),
    ):
        response = control.post(path, json=body)
        assert control_errors(response) == [("400", "invalid-value", pointer)]
        assert message in response.json()["errors"][0]["detail"]
    response = control.get("/journal", params=match)
    assert control_errors(response) == [("400", "invalid-parameter", name)]
    assert message in response.json()["errors"][0]["detail"]


def test_one_place_has_one_value(control: Control) -> None:
    """Two values at one pointer are met by nothing; the same one twice, or a pattern beside it, may be."""
    pointer = "/data/attributes/body"
    one, other = ({"pointer": pointer, "value": value} for value in ("one", "other"))
    response = control.post("/journal/count", json={"body": [one, other]})
    assert control_errors(response) == [("400", "invalid-value", "/body/1/value")]
    assert control.post("/journal/count", json={"body": [one, one]}).json()["count"] == 1
    both = {"body": [one, {"pointer": pointer, "pattern": "^o"}]}
    assert control.post("/journal/count", json=both).json()["count"] == 1


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"stored": "true"}, [1, 2]),
        ({"stored": "false"}, [3]),
        ({"outcome": "sent", "stored": "true"}, [1, 2]),
        ({"outcome": "lost"}, []),
        ({"fault": "broken"}, [3]),
    ],
)
def test_a_list_is_searched_by_all_that_a_count_is(
    application: Application, query: dict[str, str], numbers: list[int]
) -> None:
    """The list takes the same filters as a count, but for those on documents."""
    control = Control(application)
    control.public.enqueue("hello")
    control.public.post(BULK, json={"data": [message("hello")]})
    control.post("/faults", json={"name": "broken", "do": {"answer": {"status": 503}}})
    control.public.enqueue("hello")
    found = control.get("/journal", params=query).json()["entries"]
    assert [entry["number"] for entry in found] == numbers
