"""Exchanges of a foreign contract: ranges and defaults, arrays, nulls, members of one direction."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eqkit.checks.conformance import Conformance
from eqkit.checks.findings import Severity
from eqkit.checks.sources import load
from eqkit.traffic.exchanges import RecordedExchange
from tests.checks.pets import PETS, TIM, TOM, problem

FILE, ROUTES = load(PETS)
CONFORMANCE = Conformance(FILE, ROUTES)
URL = "https://eu.pets.example/api/v2/pets"
BIRDS = Path(__file__).parents[1] / "contracts/birds-3.1.yaml"


def exchange(
    method: str, url: str, status: int, media_type: str | None = None, document: Any = None, **members: Any
) -> RecordedExchange:
    """Return an exchange whose answer is a document."""
    headers = () if media_type is None else (("Content-Type", media_type),)
    body = b"" if media_type is None else json.dumps(document).encode()
    return RecordedExchange(
        "one", method, url, (), None, status, (*headers, ("X-Total", "1")), body, **members
    )


WITHOUT_PIN = {"kind": "cat", "name": "Tim", "lives": 3, "id": 7}
ONE = exchange("GET", f"{URL}/1", 200, "application/json", TOM)
ALL = exchange("GET", URL, 200, "application/json", [TOM])
ADDED = replace(
    exchange("POST", URL, 201, "application/json;charset=UTF-8", WITHOUT_PIN),
    request_headers=(("content-type", "application/json"),),
    request_body=json.dumps(TIM).encode(),
)


def refused(method: str, url: str, answered: int, **members: Any) -> RecordedExchange:
    """Return an exchange whose answer is a problem with other members."""
    _, media_type, document = problem(answered, "No")
    return exchange(method, url, answered, media_type, {**document, **members})


def validated(given: RecordedExchange) -> list[tuple[str, str, Severity]]:
    """Return rule, pointer and severity of each finding."""
    return [
        (each.rule, str(each.place and each.place.pointer), each.severity)
        for each in CONFORMANCE.validate(given)
    ]


@pytest.mark.parametrize(
    "given",
    [
        ONE,
        ALL,
        ADDED,
        replace(ALL, url=f"{URL}?tags=calm&tags=loud&ids=1,2,3&limit=100"),
        replace(ALL, url=f"{URL}?ids="),
        replace(ALL, url="https://us.pets.example/api/v1/pets"),
        replace(ALL, request_headers=(("Cookie", "other=%; session=abc"),)),
        replace(ALL, response_headers=(("Content-Type", "text/csv"), ("X-Total", "0")), response_body=b"a;b"),
        refused("GET", URL, 503),
        refused("POST", URL, 409),
        refused("POST", URL, 422, fields=[]),
        exchange("GET", f"{URL}/2", 404),
        exchange("DELETE", f"{URL}/2", 204),
        exchange("HEAD", f"{URL}/1", 200, "application/json"),
        refused("DELETE", f"{URL}/1", 401),
        replace(
            ADDED,
            request_headers=(("content-type", "application/x-www-form-urlencoded"),),
            request_body=b"name=Tim",
        ),
    ],
    ids=lambda given: f"{given.method}-{given.status}",
)
def test_good_traffic_raises_no_alarm(given: RecordedExchange) -> None:
    """A null where it is allowed, and a required member of the other direction left out, are valid."""
    found = validated(replace(given, response_body=b"") if given.method == "HEAD" else given)
    assert found == []


@pytest.mark.parametrize(
    ("given", "rule", "pointer"),
    [
        (refused("POST", URL, 422), "response-body", "/paths/~1pets/post/responses/422"),
        (refused("POST", URL, 409, status="no"), "response-body", "/components/schemas/Problem"),
        (refused("GET", URL, 503, title=1), "response-body", "/components/schemas/Problem"),
        (exchange("GET", URL, 503, "text/html"), "response-media-type", "/components/responses/Problem"),
        (exchange("POST", URL, 302), "response-status", "/paths/~1pets/post/responses"),
        (exchange("GET", f"{URL}/1", 200, "application/json", {**TOM, "name": None}), "response-body", ""),
        (exchange("GET", f"{URL}/1", 200, "application/json", TIM), "response-body", ""),
        (replace(ALL, response_headers=ALL.response_headers[:1]), "response-header", ""),
        (replace(ALL, url=f"{URL}?ids=1,b"), "accepted-violation", "/paths/~1pets/get/parameters/1"),
        (replace(ALL, url=f"{URL}?ids=1,2,3,4,5,6"), "accepted-violation", "/paths/~1pets/get/parameters/1"),
        (
            replace(ALL, url=f"{URL}?tags=no&tags=calm"),
            "accepted-violation",
            "/paths/~1pets/get/parameters/0",
        ),
        (replace(ALL, url=f"{URL}?limit=0"), "accepted-violation", "/paths/~1pets/get/parameters/2"),
        (replace(ALL, request_headers=(("Cookie", "session=A"),)), "accepted-violation", ""),
        (exchange("DELETE", f"{URL}/0", 204), "accepted-violation", "/paths/~1pets~1{petId}/delete"),
        (replace(exchange("DELETE", f"{URL}/2", 204), response_body=b"x"), "response-body", ""),
    ],
)
def test_each_break_is_an_error_at_the_response_that_documents_it(
    given: RecordedExchange, rule: str, pointer: str
) -> None:
    """An exact status goes before its range, and a range before the default."""
    errors = [(each, at) for each, at, severity in validated(given) if severity is Severity.ERROR]
    assert [each for each, _ in errors] == [rule]
    assert errors[0][1].startswith(pointer)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        (refused("POST", URL, 409, more=1), "/components/schemas/Problem"),
        (exchange("GET", f"{URL}/2", 404, "text/plain", "-"), "/paths/~1pets~1{petId}/get/responses/404"),
    ],
)
def test_an_undocumented_part_of_a_response_is_a_warning(given: RecordedExchange, pointer: str) -> None:
    """OpenAPI allows a member or a body that it does not forbid; JSON:API alone forbids it."""
    assert validated(given) == [("response-undocumented", pointer, Severity.WARNING)]


@pytest.mark.parametrize("status", [401, 404, 405, 501])
def test_a_method_that_there_is_not_is_refused_as_http_has_it(status: int) -> None:
    """Few contracts document a 405, and it is the client who is warned."""
    given = exchange("PATCH", URL, status)
    assert [(rule, severity) for rule, _, severity in validated(given)] == [
        ("request-method", Severity.WARNING)
    ]


@pytest.mark.parametrize(
    ("bird", "wrong"),
    [
        ({"kind": "bird", "weight": 18.2, "ring": None, "parents": [{"kind": "bird", "weight": 1}]}, []),
        ({"kind": "cat", "weight": 1}, ["/kind"]),
        ({"kind": "bird", "weight": 0}, ["/weight"]),
        ({"kind": "bird", "weight": 1, "ring": 4}, ["/ring"]),
    ],
)
def test_openapi_3_1_is_validated_by_its_own_json_schema(bird: Any, wrong: list[str]) -> None:
    """`const`, a bound that is exclusive by itself, a list of types, a schema within itself."""
    file, routes = load(BIRDS)
    given = exchange("GET", "https://birds.example/birds/robin", 200, "application/json", bird)
    found = Conformance(file, routes).validate(given)
    assert [each.message.partition("at ")[2].partition(":")[0] for each in found] == wrong


@pytest.mark.parametrize(
    ("pet", "messages"),
    [
        ({"kind": "cat", "lives": 9}, ['at : The member "name" is missing.']),
        ({"kind": "dog", "name": ""}, ['at /name: "name" must have at least 1 character, and has 0.']),
        ({"kind": "cat", "name": 1, "lives": 10}, [
            'at /name: "name" must be a string, not a whole number, 1.',
            'at /lives: "lives" must be at most 9, not 10.',
        ]),
        ({"kind": "bird"}, [
            'at : "document" must fit exactly one of 2 alternatives (oneOf), and {"kind": "bird"} does not.'
        ]),
        ([], ['at : "document" must fit exactly one of 2 alternatives (oneOf), and [] does not.']),
    ],
)  # fmt: skip
def test_the_alternative_that_was_meant_is_reported(pet: Any, messages: list[str]) -> None:
    """Its kind says which: a cat without a name lacks a name, and is no broken `oneOf`."""
    given = replace(ADDED, status=422, request_body=json.dumps(pet).encode())
    found = [each.message for each in CONFORMANCE.validate(given) if each.rule == "request-body"]
    assert found == [f"one: {each.replace('at :', 'the document:')}" for each in messages]
