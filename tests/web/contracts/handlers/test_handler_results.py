"""The result of a handler becomes a response, its problem an error, and its exception a plain 500."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from eqkit.errors import ApiError, Code
from eqkit.sandbox.clock_waits import ClockClosed
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.contracts.handlers import Problem
from eqkit.web.messages.context import RequestContext
from eqkit.web.messages.request_bodies import ClientDisconnected
from tests.conftest import START_MS
from tests.web.contracts.handlers.folders import CONTRACT, Samples, ask, context_of, load, sandbox

JSON = (b"content-type", b"application/json")
PNG = (b"content-type", b"image/png")
OCTETS = (b"content-type", b"application/octet-stream")
PLAIN = (b"content-type", b"text/plain; charset=utf-8")
IMPORTS = "from eqkit.serving import Problem, Response\n"


@pytest.mark.parametrize(
    ("module", "function", "result", "status", "headers", "body"),
    [
        ("pets", "list_pets", "{'a': 1}", 200, [JSON], b'{"a":1}'),
        ("pets", "list_pets", "[]", 200, [JSON], b"[]"),
        ("pets", "list_pets", "0", 200, [JSON], b"0"),
        ("pets", "list_pets", "False", 200, [JSON], b"false"),
        ("pets", "list_pets", "'text'", 200, [JSON], b'"text"'),
        ("pets", "list_pets", "b'text'", 200, [OCTETS], b"text"),
        ("pets", "create_pet", "{}", 201, [JSON], b"{}"),
        ("pets", "create_pet", "404, {'a': 1}", 404, [JSON], b'{"a":1}'),
        ("pets", "create_pet", "201, [], {'Location': '/pets/1'}", 201,
         [JSON, (b"location", b"/pets/1")], b"[]"),
        ("pets", "create_pet", "202, None, [('X-A', '1'), ('X-A', 'ü')]", 202,
         [(b"x-a", b"1"), (b"x-a", b"\xfc")], None),
        ("pets", "create_pet", "201, b'<a/>', {'Content-Type': 'text/xml'}", 201,
         [(b"content-type", b"text/xml")], b"<a/>"),
        ("pets", "create_pet", "201, 'a', {'Content-Type': 'text/csv'}", 201,
         [(b"content-type", b"text/csv")], b"a"),
        ("pets", "create_pet", "Response(299, [1])", 299, [JSON], b"[1]"),
        ("pets", "delete_pet", "None", 204, [], None),
        ("pets", "delete_pet", "{}", 202, [JSON], b"{}"),
        ("pets", "list_pets", "None", 200, [], None),
        ("photos", "get_photo", "b'png'", 200, [PNG], b"png"),
        ("photos", "get_photo", "bytearray(b'png')", 200, [PNG], b"png"),
        ("default", "health", "'fine'", 200, [PLAIN], b"fine"),
        ("default", "health", "503, 'ill'", 503, [PLAIN], b"ill"),
    ],
)  # fmt: skip
def test_a_result_is_a_response(
    tmp_path: Path, module: str, function: str, result: str, status: int, headers: Any, body: bytes | None
) -> None:
    """The status is the lowest documented 2xx by default; a text is JSON where the contract has JSON."""
    handlers = load(tmp_path, **{module: f"{IMPORTS}def {function}(sandbox): return {result}"})
    found = next(
        each for each in CONTRACT.operations if each.lower().replace("_", "") == function.replace("_", "")
    )
    answer = ask(handlers, found)
    assert (answer.status, list(answer.headers), answer.encoded()) == (status, headers, body)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("(1, 2, 3, 4)", r"a tuple is \(status, document\)"),
        ("('a', 'b')", r"a tuple is \(status, document\)"),
        ("(True, {})", r"a tuple is \(status, document\)"),
        ("(100, {})", "a status is a number from 200 to 599, and not 100"),
        ("(600, {})", "a status is a number from 200 to 599, and not 600"),
        ("(200, {}, 'x')", "headers are a mapping"),
        ("(200, {}, {'a': 1})", "headers are a mapping"),
        ("(200, {}, {'a': '1\\r\\nb: 2'})", "headers are a mapping"),
        ("(200, {}, {'a': '☃'})", "headers are a mapping"),
        ("{1: 2}", "Dict key must be str"),
        ("object()", "Type is not JSON serializable: object"),
        ("sandbox.nothing", "has no attribute 'nothing'"),
        ("[][1]", "list index out of range"),
        ("exit()", "SystemExit"),
    ],
)
def test_a_handler_that_fails_is_a_500_and_a_traceback_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, expression: str, message: str
) -> None:
    """The client learns nothing of it; the log names the handler and begins with its own frames."""
    handlers = load(tmp_path, pets=f"def list_pets(sandbox):\n    return {expression}")
    with caplog.at_level(logging.ERROR), pytest.raises(ApiError) as caught:
        ask(handlers, "listPets")
    (error,) = caught.value.errors
    assert error.code is Code.INTERNAL_ERROR
    assert error.detail == "The handler of this operation failed; the log of the server says how."
    assert caught.value.__cause__ is None
    assert "GET /pets: the handler pets.list_pets failed" in caplog.text
    assert pytest.raises(AssertionError, match=message).matches(AssertionError(caplog.text))
    if "Type is not" not in message and "a " not in message and "Dict" not in message:
        first = caplog.text.partition("Traceback (most recent call last):\n")[2].splitlines()[0]
        assert f'File "{tmp_path / "pets.py"}", line 2, in list_pets' in first


@pytest.mark.parametrize("kind", ["", "async "])
def test_a_problem_is_an_error_of_the_contract(tmp_path: Path, kind: str) -> None:
    """Status, detail, place and headers are the handler's; code and title follow from the status."""
    handlers = load(
        tmp_path,
        pets=f"{IMPORTS}{kind}def get_pet(sandbox, pet_id):\n"
        "    detail = f'There is no pet {pet_id}.'\n"
        "    raise Problem(404, detail, parameter='petId', headers={'Retry-After': '7'})",
    )
    with pytest.raises(Problem) as caught:
        ask(handlers, "getPet", path={"petId": "3"})
    (error,) = caught.value.errors
    assert (error.code.slug, error.code.status, error.code.title) == ("not-found", 404, "Not Found")
    assert (error.detail, error.parameter) == ("There is no pet 3.", "petId")
    assert (caught.value.status, caught.value.headers) == (404, ((b"retry-after", b"7"),))


@pytest.mark.parametrize(
    ("status", "slug", "title"),
    [
        (404, "not-found", "Not Found"),
        (413, "content-too-large", "Content Too Large"),
        (418, "im-a-teapot", "I'm a Teapot"),
        (422, "unprocessable-content", "Unprocessable Content"),
        (499, "client-error", "Client Error"),
    ],
)
def test_a_problem_is_named_by_its_status(status: int, slug: str, title: str) -> None:
    """By the names of RFC 9110, whichever Python runs."""
    (error,) = Problem(status).errors
    assert (error.code.slug, error.code.title, error.detail) == (slug, title, f"{title}.")


def test_a_problem_may_have_a_code_of_its_own() -> None:
    """Code and title are those of the API that is mocked."""
    (error,) = Problem(402, "Top up.", code="credit_low", title="Too little credit").errors
    assert (error.code.slug, error.code.title, error.detail) == ("credit_low", "Too little credit", "Top up.")


@pytest.mark.parametrize("status", [200, 399, 600])
def test_a_problem_is_an_error_for_http(status: int) -> None:
    """Any other status is a slip of the handler."""
    with pytest.raises(ValueError, match=f"from 400 to 599, and not {status}"):
        Problem(status)


async def begun(within: Sandbox) -> None:
    """Give a handler the turns of the event loop in which it begins to wait."""
    for _ in range(10):
        await asyncio.sleep(0)
    assert within.clock.next_alarm_ms() is not None


SLEEPS = "async def {0}(sandbox, clock):\n    await clock.sleep(60)\n    return [clock.now()]"


def test_a_handler_waits_by_the_clock_of_its_sandbox(tmp_path: Path) -> None:
    """An advance wakes it, and no wall is waited for."""
    handlers = load(tmp_path, pets=SLEEPS.format("create_pet"))
    within = sandbox()

    async def answer() -> Any:
        handler = handlers.handler(CONTRACT.operations["createPet"])
        assert handler is not None
        context = context_of(handlers, "createPet", within=within)
        asking = asyncio.create_task(handler(context, Samples()))
        await begun(within)
        await within.clock.advance(START_MS + 60_000)
        return json.loads((await asking).body or b"null")

    assert asyncio.run(answer()) == [START_MS + 60_000]


@pytest.mark.parametrize("way", ["closed", "disconnected"])
def test_a_wait_ends_with_its_sandbox_or_its_client(tmp_path: Path, way: str) -> None:
    """Neither is a failure of the handler."""
    handlers = load(tmp_path, pets=SLEEPS.format("list_pets"))
    within = sandbox()

    async def disconnected() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def answer() -> None:
        handler = handlers.handler(CONTRACT.operations["listPets"])
        assert handler is not None
        context: RequestContext = context_of(handlers, "listPets", within=within)
        if way == "disconnected":
            context.receive = disconnected
        asking = asyncio.create_task(handler(context, Samples()))
        if way == "closed":
            await begun(within)
            within.close()
        await asking

    with pytest.raises(ClockClosed if way == "closed" else ClientDisconnected):
        asyncio.run(answer())


def test_an_alarm_of_a_handler_rings_on_an_advance(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One that fails is logged, and stops no other; a coroutine is waited for."""
    handlers = load(
        tmp_path,
        pets="def create_pet(sandbox, clock, store):\n"
        "    async def later(): store['later'] = clock.now()\n"
        "    clock.call_later(1, lambda: 1 / 0)\n"
        "    clock.call_later(1, later)\n"
        "    clock.call_later(2, lambda: store.update(last=clock.now()))\n"
        "    clock.call_later(3, lambda: store.clear()).cancel()\n",
    )
    within = sandbox()

    async def answer() -> None:
        handler = handlers.handler(CONTRACT.operations["createPet"])
        assert handler is not None
        await handler(context_of(handlers, "createPet", within=within), Samples())
        await within.clock.advance(START_MS + 5_000)

    asyncio.run(answer())
    assert within.state.store == {"later": START_MS + 1_000, "last": START_MS + 2_000}
    assert "an alarm of a handler failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
