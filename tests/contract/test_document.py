"""The contract is a good OpenAPI document, explains its meaning, and gives each part its reason."""

import re
from collections.abc import Iterator

import openapi_spec_validator
import pytest

from eqkit.contract.document import Document, Json, pointer_of
from eqkit.elasticqueue.settings import QUEUE_NAME
from tests.contract.documents import (
    CONTRACT,
    DOCUMENTS,
    components,
    media_types,
    operations,
    referred,
    responses,
    schemas,
    walk,
    wrong_examples,
)

JSON_API = "application/vnd.api+json"
ORIGINS = {"documented", "corrected", "implied"}
RULINGS = {
    f"{letter}{n}"
    for letter, last in {"D": 10, "T": 10, "B": 13, "H": 14}.items()
    for n in range(1, last + 1)
}
EVERYWHERE = {400, 401, 403, 404, 405, 406, 410, 418, 429, 431, 500, 503}
WITH_A_BODY = {409, 413, 415}
both = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
DEMANDED_HEADERS = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}


@both
def test_the_contract_is_valid_openapi(document: Document) -> None:
    """The OpenAPI community's own validator finds nothing wrong."""
    openapi_spec_validator.validate(document.data)


@both
def test_the_schemas_are_plain_draft_4(document: Document) -> None:
    """Without `nullable`, a schema means the same in OpenAPI 3.0 as in JSON Schema draft 4."""
    assert [place for place, _ in walk(document.data) if place[-1:] == ("nullable",)] == []


@both
def test_every_example_is_valid_by_its_own_schema(document: Document) -> None:
    """An example that the server would refuse misleads everyone who copies it; so does a wrong default."""
    assert wrong_examples(document) == []


@both
def test_every_media_type_parameter_and_header_has_an_example(document: Document) -> None:
    """`Prefer` answers with examples, and people read them first."""
    without = [place for place, media_type in media_types(document) if not media_type.get("examples")]
    for kind in ("parameters", "headers"):
        without += [name for name, each in components(document, kind).items() if not each.get("examples")]
    assert without == []


@both
def test_every_example_has_a_summary_and_its_value(document: Document) -> None:
    """An example has a summary and its value in the document, and not at an address."""
    named = [*components(document, "examples").items()]
    for kind in ("parameters", "headers"):
        named += [pair for each in components(document, kind).values() for pair in each["examples"].items()]
    assert [name for name, example in named if not example.get("summary") or "value" not in example] == []


@pytest.mark.parametrize("operation_id", ["enqueueMessage", "bulkEnqueueMessages"])
def test_every_request_example_has_its_answer_under_the_same_name(operation_id: str) -> None:
    """Examples of a request and of its success are pairs (a contract test plays them as such)."""
    operation = CONTRACT.inlined(operations(CONTRACT)[operation_id])
    asked = operation["requestBody"]["content"][JSON_API]["examples"]
    answered = operation["responses"]["202"]["content"][JSON_API]["examples"]
    assert list(asked) == list(answered)


@pytest.mark.parametrize(("operation_id", "operation"), operations(CONTRACT).items())
def test_every_operation_lists_each_status_that_it_can_answer(operation_id: str, operation: Json) -> None:
    """Nothing hides behind `default`, and every status of rulings H2, H11 and H12 can be asked for."""
    wanted = EVERYWHERE | WITH_A_BODY if "requestBody" in operation else EVERYWHERE
    (success,) = [status for status in operation["responses"] if status.startswith("2")]
    assert {int(status) for status in operation["responses"]} - {int(success)} == wanted


def test_every_response_has_a_body_but_those_to_head() -> None:
    """Errors are JSON:API documents, too (ruling D9); an answer to HEAD has no content (RFC 9110 9.3.2)."""
    content = {
        (name, status): list(response.get("content", {})) for name, status, response in responses(CONTRACT)
    }
    wrong = {
        place: found
        for place, found in content.items()
        if found != ([] if place[0] == "headMessage" else [JSON_API])
    }
    assert wrong == {}


@both
def test_every_response_promises_the_headers_that_http_demands(document: Document) -> None:
    """`WWW-Authenticate`, `Allow`, `Retry-After` in their places, `Vary` everywhere (H3, H6, H9, H11)."""
    missing = [
        (name, status, header)
        for name, status, response in responses(document)
        for header in {"Vary", DEMANDED_HEADERS.get(status, "Vary")}
        if not response["headers"].get(header, {}).get("required")
    ]
    assert missing == []


def test_head_promises_the_statuses_and_headers_of_get() -> None:
    """HEAD is GET without content (ruling H1, RFC 9110 9.3.2)."""
    promised: dict[str, dict[int, Json]] = {"getMessage": {}, "headMessage": {}}
    for name, status, response in responses(CONTRACT):
        promised.setdefault(name, {})[status] = response["headers"]
    assert promised["headMessage"] == promised["getMessage"]


def _is_a_use(path: tuple[str | int, ...], *, from_docs: bool) -> bool:
    """Whether a place of the document is one where a component is used, and not the component itself.

    A request body stands in its operation, since generators lose the media type of a referred one; the
    examples of the mock's requests stand there, too.
    """
    match path:
        case ("components", _, _) | ("components", "schemas" | "examples", *_):
            return False
        case (*_, "requestBody", "content", _, "examples", _) if not from_docs:
            return False
        case ("paths", _, *_, "parameters", int()) | (*_, "headers" | "links", _):
            return True
        case (*_, "content", _, "schema") | (*_, "content", _, "examples", _):
            return True
    return False


@both
def test_operations_are_put_together_from_named_components(document: Document) -> None:
    """A named part is one type, one example, one header to every tool, and is said once."""
    inline = [
        pointer_of(path)
        for path, node in walk(document.data)
        if _is_a_use(path, from_docs=document is CONTRACT) and set(node) != {"$ref"}
    ]
    assert inline == []


@both
def test_no_component_is_left_over(document: Document) -> None:
    """A component that no operation refers to, directly or not, is no part of the contract."""
    used = referred(document, document.data["paths"])
    used |= {f"#/components/securitySchemes/{name}" for need in document.data["security"] for name in need}
    here = {
        f"#/components/{kind}/{name}"
        for kind in document.data["components"]
        for name in components(document, kind)
    }
    assert here - used == set()


def test_requests_and_answers_share_no_schema_but_scalars() -> None:
    """Requests and responses change for different reasons; they share the schemas of names and ids alone."""
    bodies = [each.get("requestBody", {}) for each in operations(CONTRACT).values()]
    asked = referred(CONTRACT, [bodies, components(CONTRACT, "parameters")])
    answered = referred(CONTRACT, [components(CONTRACT, "responses"), components(CONTRACT, "headers")])
    shared = {name for name in asked & answered if CONTRACT.at(name).get("type") in ("object", "array")}
    assert shared == set()


def test_attributes_of_requests_are_closed_and_all_other_objects_open() -> None:
    """A misspelt attribute is refused (ruling B8); other members JSON:API wants ignored (ruling B7).

    A closed answer would make every client refuse the next version of the service.
    """
    asked = referred(CONTRACT, [each.get("requestBody", {}) for each in operations(CONTRACT).values()])
    objects = {pointer: schema for pointer, schema in schemas(CONTRACT) if schema.get("type") == "object"}
    closed = {pointer for pointer, schema in objects.items() if schema.get("additionalProperties") is False}
    attributes = {
        "/" + schema["properties"]["attributes"]["$ref"].removeprefix("#/")
        for schema in objects.values()
        if "attributes" in schema["properties"] and schema["properties"]["attributes"]["$ref"] in asked
    }
    assert closed == attributes != set()


def _elements() -> Iterator[tuple[str, Json]]:
    """Yield everything that has to say where it comes from."""
    yield from operations(CONTRACT).items()
    for kind in ("parameters", "responses", "headers", "securitySchemes", "schemas"):
        yield from ((f"{kind}/{name}", each) for name, each in components(CONTRACT, kind).items())
    for pointer, schema in schemas(CONTRACT):
        for name, property_ in schema.get("properties", {}).items():
            # What must not be there has no origin; what is referred to says it itself.
            if "/not/" not in f"{pointer}/" and "$ref" not in property_:
                yield f"{pointer}/{name}", property_
    yield from ((f"{name} {status}", response) for name, status, response in responses(CONTRACT))
    yield from ((each["name"], each) for each in CONTRACT.data["tags"])


def test_every_part_says_where_it_comes_from() -> None:
    """Each operation, parameter, response, schema and field is documented, corrected or implied, and why."""
    wrong = [
        place
        for place, element in _elements()
        if element.get("x-origin") not in ORIGINS or not element.get("x-ruling")
    ]
    assert wrong == []


def test_origins_and_rulings_stand_together_and_are_known() -> None:
    """Wherever one of the two stands, so does the other; a ruling that there is not decides nothing."""
    marked = [
        node
        for _, node in walk(CONTRACT.data)
        if isinstance(node, dict) and {"x-origin", "x-ruling"} & set(node)
    ]
    wrong = [
        node
        for node in marked
        if node.get("x-origin") not in ORIGINS
        or not RULINGS.issuperset(node.get("x-ruling", ["none"]))
        or len(set(node["x-ruling"])) != len(node["x-ruling"])
    ]
    assert wrong == []


def test_every_ruling_is_cited() -> None:
    """The rulings shape the contract, all of them: one that nothing cites was forgotten."""
    cited = {name for path, node in walk(CONTRACT.data) if path[-1:] == ("x-ruling",) for name in node}
    assert RULINGS - cited == set()


@pytest.mark.parametrize(
    ("operation_id", "identifier"),
    [("enqueueMessage", "$response.body#/data/id"), ("bulkEnqueueMessages", "$response.body#/data/0/id")],
)
def test_an_accepted_message_links_to_its_reading(operation_id: str, identifier: str) -> None:
    """A tool that follows the links reads the message it has just enqueued, from the same queue."""
    accepted = CONTRACT.inlined(operations(CONTRACT)[operation_id]["responses"]["202"])
    ways = {link["operationId"]: link["parameters"] for link in accepted["links"].values()}
    wanted = {"queue": "$request.path.queue", "id": identifier}
    assert ways == {"getMessage": wanted, "headMessage": wanted}


@pytest.mark.parametrize(
    "value", ["queue-name", "message", "body-of-message-1", "body-of-message-2", 1459121798238, "72301093732"]
)
def test_the_values_of_the_docs_are_among_the_examples(value: Json) -> None:
    """A reader of the docs finds their very values (rulings D2, D4)."""
    examples = [node for path, node in walk(CONTRACT.data) if "value" in path]
    assert value in examples


def test_the_contract_and_the_settings_have_one_grammar_of_queue_names() -> None:
    """A queue that can be declared can be used, and the other way round (ruling H13)."""
    assert components(CONTRACT, "schemas")["QueueName"]["pattern"] == f"^{QUEUE_NAME.pattern}$"


def test_every_pattern_is_bounded_to_the_whole_text() -> None:
    """An open pattern would admit texts that it has to keep out."""
    patterns = {place: node["pattern"] for place, node in _with_promises(CONTRACT) if "pattern" in node}
    assert {place for place, text in patterns.items() if not re.fullmatch(r"\^.*\$", text)} == set()


def _with_promises(document: Document) -> Iterator[tuple[str, Json]]:
    for place, schema in schemas(document):
        yield place, schema
        yield f"{place}/x-promised", schema.get("x-promised", {})
