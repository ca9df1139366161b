"""Rules of the control plane's document alone: its statuses, its media types, its closed objects."""

import re

import pytest

from eqkit.contract.document import Document, Json
from eqkit.elasticqueue.settings import QUEUE_NAME
from tests.contract.documents import (
    MOCK,
    MOCK_OF_CONTRACT,
    components,
    operations,
    referred,
    responses,
    schemas,
)

JSON = "application/json"
EVERYWHERE = {400, 401, 403, 404, 405, 406, 431, 500, 503}
WITH_A_BODY = {413, 415}
NO_CONTENT = {204}
STREAMED = {("streamEvents", 200): ["text/event-stream"]}
"""The one answer that is no document, since it has no end."""

OPERATIONS = [*operations(MOCK).items(), *operations(MOCK_OF_CONTRACT).items()]
both = pytest.mark.parametrize("document", [MOCK, MOCK_OF_CONTRACT], ids=["mock", "mock of a contract"])


@pytest.mark.parametrize(("operation_id", "operation"), OPERATIONS)
def test_every_operation_of_the_mock_lists_each_status_that_it_can_answer(
    operation_id: str, operation: Json
) -> None:
    """An operation has one success, the errors of any request, and a conflict where there can be one."""
    wanted = EVERYWHERE | WITH_A_BODY if "requestBody" in operation else EVERYWHERE
    (success,) = [status for status in operation["responses"] if status.startswith("2")]
    assert {int(status) for status in operation["responses"]} - {int(success), 409} == wanted


@pytest.mark.parametrize(("operation_id", "operation"), OPERATIONS)
def test_every_operation_of_the_mock_is_described(operation_id: str, operation: Json) -> None:
    """A tag that is listed, a summary without a full stop, and a description in whole sentences."""
    assert operation["tags"][0] in {tag["name"] for tag in MOCK.data["tags"]}
    assert re.fullmatch(r"[A-Z].*[^.]", operation["summary"])
    assert re.fullmatch(r"[A-Z].*\.\s*", operation["description"], re.DOTALL)


@both
def test_every_answer_of_the_mock_is_plain_json(document: Document) -> None:
    """Documents are `application/json`; a 204 has no content, and events are a stream."""
    wrong = {
        (name, status): list(response.get("content", {}))
        for name, status, response in responses(document)
        if list(response.get("content", {}))
        != STREAMED.get((name, status), [] if status in NO_CONTENT else [JSON])
    }
    assert wrong == {}


@both
def test_every_request_example_of_the_mock_has_its_answer_under_the_same_name(document: Document) -> None:
    """Examples of a request and of its success are pairs."""
    missing = []
    for name, node in operations(document).items():
        operation = document.inlined(node)
        asked = operation.get("requestBody", {}).get("content", {JSON: {}})[JSON].get("examples", {})
        (success,) = [status for status in operation["responses"] if status.startswith("2")]
        content = operation["responses"][success].get("content", {})
        answered = {each for media_type in content.values() for each in media_type["examples"]}
        missing += [f"{name} {each}" for each in asked if content and each not in answered]
    assert missing == []


@both
def test_every_object_that_is_sent_to_the_mock_is_closed_and_has_its_error_codes(document: Document) -> None:
    """A misspelt member would do nothing; it is refused with a code and the nearest known one."""
    asked = referred(
        document, [node["requestBody"] for node in operations(document).values() if "requestBody" in node]
    )
    pointers = {name.removeprefix("#") for name in asked}
    wrong = [
        place
        for place, schema in schemas(document)
        if schema.get("type") == "object"
        and any(place == name or place.startswith(f"{name}/") for name in pointers)
        and (
            schema.get("additionalProperties") is None
            or (
                schema["additionalProperties"] is False
                and schema["x-error-codes"].get("additionalProperties") != "unknown-member"
            )
        )
    ]
    assert wrong == []


@both
def test_every_schema_of_the_mock_is_bounded(document: Document) -> None:
    """Each text, list and number has a bound, so that nobody can be sent more than the document says."""
    bounds = {
        "string": {"maxLength", "enum"},
        "array": {"maxItems"},
        "integer": {"maximum", "enum"},
        "number": {"maximum"},
    }
    free = [
        place
        for place, schema in schemas(document)
        if schema.get("type") in bounds and not bounds[schema["type"]] & set(schema)
    ]
    assert free == []


@both
def test_every_pattern_of_the_mock_is_bounded_to_the_whole_text(document: Document) -> None:
    """An open pattern would admit texts that it has to keep out."""
    patterns = {place: schema["pattern"] for place, schema in schemas(document) if "pattern" in schema}
    assert {place for place, text in patterns.items() if not re.fullmatch(r"\^.*\$", text)} == set()


def test_the_mock_and_the_settings_have_one_grammar_of_queue_names() -> None:
    """Each queue that can be enqueued to can be paused."""
    for name in ("queue", "queueFilter"):
        assert components(MOCK, "parameters")[name]["schema"]["pattern"] == f"^{QUEUE_NAME.pattern}$"
