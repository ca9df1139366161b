"""A handler gets its parameters by name and typed, and more by the names of tools."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import START_MS
from tests.web.contracts.handlers.folders import ask, document_of, load, sandbox

ALL = """
def list_pets(sandbox, limit, in_stock, tags, weight, filter, x_trace_id, session):
    return {name: value for name, value in locals().items() if name != "sandbox"}
"""
NAMES = ("limit", "in_stock", "tags", "weight", "filter", "x_trace_id", "session")
NONE: dict[str, Any] = dict.fromkeys(NAMES)


@pytest.mark.parametrize(
    ("query", "headers", "values"),
    [
        ("", {}, {}),
        ("limit=3", {}, {"limit": 3}),
        ("limit=007", {}, {"limit": "007"}),
        ("limit=", {}, {"limit": ""}),
        ("inStock=true", {}, {"in_stock": True}),
        ("tags=a&tags=b%2Cc", {}, {"tags": ["a", "b,c"]}),
        ("weight=1.5", {}, {"weight": 1.5}),
        ("filter[age]=3", {}, {"filter": {"age": 3}}),
        ("unknown=1", {"X-Trace-Id": "17"}, {"x_trace_id": 17}),
        ("", {"Cookie": "session=abc; other=1"}, {"session": "abc"}),
    ],
)
def test_parameters_are_typed_as_the_contract_says(
    tmp_path: Path, query: str, headers: dict[str, str], values: dict[str, Any]
) -> None:
    """Each place and style; one that was not sent is None, and one of another type is its text."""
    answer = document_of(load(tmp_path, pets=ALL), "listPets", query=query, headers=headers)
    assert answer == NONE | values


def test_a_parameter_of_the_path_is_typed(tmp_path: Path) -> None:
    """Those that stand with the path are the operation's, too."""
    handlers = load(tmp_path, pets="def get_pet(sandbox, pet_id): return [pet_id]")
    assert document_of(handlers, "getPet", path={"petId": "17"}) == [17]


@pytest.mark.parametrize(
    ("function", "answer"),
    [
        ("def list_pets(sandbox): return []", []),
        ("def list_pets(_): return []", []),
        ("def list_pets(sandbox, /, limit=20): return [limit]", [20]),
        ("def list_pets(sandbox, *, limit, tags=()): return [limit, len(tags)]", [None, 0]),
        ("def list_pets(sandbox, **others): return sorted(others)", sorted(NONE)),
        ("def list_pets(sandbox, *others, limit): return [limit, len(others)]", [None, 0]),
        ("def list_pets(sandbox, _mine=3): return _mine", 3),
        ("async def list_pets(sandbox, limit): return [limit]", [None]),
        ("class _Pets:\n    def __call__(self, sandbox, limit): return [limit]\nlist_pets = _Pets()", [None]),
        ("import functools\nlist_pets = functools.partial(lambda sandbox, limit: [limit])", [None]),
    ],
)
def test_a_function_takes_the_parameters_that_it_wants(tmp_path: Path, function: str, answer: Any) -> None:
    """By keyword, with its own defaults, all of them at once, sync or async, any callable."""
    assert document_of(load(tmp_path, pets=function), "listPets") == answer


@pytest.mark.parametrize(
    ("default", "body", "document", "given"),
    [
        ("", b'{"a": 1}', {"a": 1}, {"a": 1}),
        ("", b"null", None, None),
        ("", b"", None, None),
        ("={}", b"", None, {}),
        ("={}", b"null", None, None),
    ],
)
def test_the_body_is_its_document(
    tmp_path: Path, default: str, body: bytes, document: Any, given: Any
) -> None:
    """Without a body it is the function's default, or None."""
    handlers = load(tmp_path, pets=f"def create_pet(sandbox, body{default}): return [body]")
    assert document_of(handlers, "createPet", body=body, document=document) == [given]


@pytest.mark.parametrize(
    ("tool", "expression", "value"),
    [
        ("clock", "[clock.now(), clock.rfc3339(), clock.datetime().isoformat()]",
         [START_MS, "2016-03-27T00:00:00.000Z", "2016-03-27T00:00:00+00:00"]),
        ("example", "[example(), example(404, 'none')]",
         [{"example": [None, None]}, {"example": [404, "none"]}]),
        ("generated", "generated(201, id=3)", {"generated": [201, {"id": 3}]}),
        ("links", "[links.base, links.to('getPet', petId='a/b')]",
         ["http://mock.test", "http://mock.test/pets/a%2Fb"]),
        ("request", "[request.method, request.path, request.query, request.body.decode()]",
         ["POST", "/pets", {"a": ["1", ""]}, "{}"]),
        ("request", "[sorted(request.headers), request.headers['X-A'], request.headers.get('ä€')]",
         [["host", "x-a"], "b", None]),
        ("store", "store.setdefault('pets', [1])", [1]),
    ],
)  # fmt: skip
def test_a_function_takes_tools_by_name(tmp_path: Path, tool: str, expression: str, value: Any) -> None:
    """Each is made for the request."""
    handlers = load(tmp_path, pets=f"def create_pet(sandbox, {tool}): return {expression}")
    answer = document_of(handlers, "createPet", query="a=1&a=", headers={"X-A": "b"}, body=b"{}", document={})
    assert answer == value


def test_the_store_is_that_of_the_sandbox(tmp_path: Path) -> None:
    """It lasts from request to request, and each sandbox has its own."""
    handlers = load(
        tmp_path,
        pets="def create_pet(sandbox, store):\n"
        "    store['count'] = store.get('count', 0) + 1\n    return store['count']",
    )
    mine, other = sandbox(), sandbox()
    counts = [document_of(handlers, "createPet", within=each) for each in (mine, mine, other)]
    assert counts == [1, 2, 1]
    assert mine.state.weight > 0


def test_random_numbers_follow_from_seed_request_and_count(tmp_path: Path) -> None:
    """A repeated request draws others, as it does in another sandbox; another seed or request has its own."""
    handlers = load(tmp_path, pets="def create_pet(sandbox, random): return random.getrandbits(64)")

    def drawn(seed: int, *bodies: bytes) -> list[Any]:
        within = sandbox(seed)
        return [document_of(handlers, "createPet", within=within, body=body) for body in bodies]

    first = drawn(0, b"a", b"b", b"a")
    assert first == drawn(0, b"a", b"b", b"a")
    assert first[:2] == [12152397790168516401, 9796763032394740761]
    assert len({*first, *drawn(1, b"a", b"b", b"a")}) == 6


def test_an_event_is_one_of_the_sandbox(tmp_path: Path) -> None:
    """With the instant of its clock and JSON data."""
    handlers = load(tmp_path, pets="def create_pet(sandbox, events): events.record('pet.born', {'id': 3})")
    within = sandbox()
    ask(handlers, "createPet", within=within)
    (event,) = within.events.since(0, 10)
    assert (event.at_ms, event.kind, event.data) == (START_MS, "pet.born", {"id": 3})
