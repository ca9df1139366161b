"""The contract's list of error codes and the server's are one, and the examples of errors are true to it."""

from collections import defaultdict

import pytest

from eqkit.contract.document import Document, Json
from eqkit.errors import CODES, CONTRACT_CODES, CONTROL_CODES, MAX_ERRORS, ApiError, Code, ErrorObject
from tests.contract.documents import CONTRACT, DOCUMENTS, MOCK, components, responses, schemas

both = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


def examples_of_errors(document: Document) -> list[tuple[str, int, list[Json]]]:
    """Every example of a refusal: its place, the status of its answer, its errors."""
    return [
        (f"{operation_id} {status} {name}", status, example["value"]["errors"])
        for operation_id, status, response in responses(document)
        if status >= 400
        for media_type in response.get("content", {}).values()
        for name, example in media_type["examples"].items()
    ]


def codes(document: Document) -> list[Code]:
    """The codes that a document lists, in its order."""
    return [CODES[slug] for slug in components(document, "schemas")["ErrorCode"]["x-extensible-enum"]]


def test_the_contract_lists_exactly_the_codes_of_the_server() -> None:
    """A code that only one of the two knows is either never sent or never announced (ruling B10)."""
    assert codes(CONTRACT) == [code for code in Code if code not in CONTROL_CODES | CONTRACT_CODES]


def test_the_mock_lists_every_code_of_the_control_plane() -> None:
    """The public API sends none of them, so the one document that announces them is the mock's."""
    assert [code for code in Code if code in CONTROL_CODES and code not in codes(MOCK)] == []
    assert len(set(codes(MOCK))) == len(codes(MOCK))


@both
def test_each_code_has_one_title_in_both(document: Document) -> None:
    """The title is constant for a code (ruling B10)."""
    listed = components(document, "schemas")["ErrorCode"]["x-enumDescriptions"]
    assert listed == {code.value: code.title for code in codes(document)}


@both
def test_a_document_lists_exactly_the_statuses_of_its_codes(document: Document) -> None:
    """`status` is text in JSON:API; readers have to take others, and the list says which there are today."""
    statuses = components(document, "schemas")["ErrorObject"]["properties"]["status"]["x-extensible-enum"]
    assert statuses == sorted({str(code.status) for code in codes(document)})


@both
def test_the_contract_bounds_the_errors_of_an_answer_as_the_server_does(document: Document) -> None:
    """At most 50 faults are reported (ruling B9)."""
    assert components(document, "schemas")["ErrorDocument"]["properties"]["errors"]["maxItems"] == MAX_ERRORS


@both
def test_every_error_shown_has_the_status_and_the_title_of_its_code(document: Document) -> None:
    """An example that contradicts the list teaches a client the wrong thing."""
    wrong = [
        (place, error["code"])
        for place, _, errors in examples_of_errors(document)
        for error in errors
        if (error["status"], error["title"]) != (str(CODES[error["code"]].status), CODES[error["code"]].title)
    ]
    assert wrong == []


@both
def test_every_error_shown_stands_under_the_status_that_the_server_would_answer_with(
    document: Document,
) -> None:
    """One status if all faults share it, else 400 (ruling B13)."""
    wrong = [
        place
        for place, status, errors in examples_of_errors(document)
        if status != ApiError(ErrorObject(CODES[error["code"]], error["detail"]) for error in errors).status
    ]
    assert wrong == []


@both
def test_every_code_is_shown_under_its_own_status(document: Document) -> None:
    """A client can ask for each code with `Prefer: example=…`; none is only a word in a list (ruling B10)."""
    found: dict[int, set[str]] = defaultdict(set)
    for _, status, errors in examples_of_errors(document):
        found[status] |= {error["code"] for error in errors}
    assert [code.value for code in codes(document) if code.value not in found[code.status]] == []


@both
def test_every_keyword_with_a_code_of_its_own_names_a_code_and_stands_in_its_schema(
    document: Document,
) -> None:
    """`x-error-codes` maps a keyword that can be broken here to a code of the list."""
    wrong = [
        (place, keyword, slug)
        for place, schema in schemas(document)
        for keyword, slug in schema.get("x-error-codes", {}).items()
        if slug not in CODES or keyword not in schema
    ]
    assert wrong == []
