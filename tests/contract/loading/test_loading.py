"""A document is loaded as it stands, overlaid only in copies, and its operations are worked out once."""

import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.contract.document import REMOVED, Document, Json, OverlayAction, pointer_of, pointer_parts
from eqkit.contract.operations import Contract
from eqkit.errors import ContractError
from tests.contract.documents import CONTRACT, operations, walk

OPERATIONS = Contract(CONTRACT).operations
GET = {"operationId": "readThing", "tags": ["things"], "responses": {}}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("openapi: [", "2:1: not YAML"),
        ("", " not an OpenAPI document"),
        ("- openapi", " not an OpenAPI document"),
        ("swagger: '2.0'", " not an OpenAPI document"),
        ("openapi: 3.0", " not an OpenAPI document"),
    ],
)
def test_a_file_that_is_no_openapi_document_is_refused_by_name(
    tmp_path: Path, text: str, complaint: str
) -> None:
    """The error names the file and the fault in one line."""
    file = tmp_path / "contract.yaml"
    file.write_text(text)
    with pytest.raises(ContractError) as caught:
        Document.load(file)
    assert str(caught.value).startswith(f"{file}:{complaint}")
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    """The system's own words distinguish a missing file from a folder."""
    with pytest.raises(ContractError, match=r"missing\.yaml: No such file"):
        Document.load(tmp_path / "missing.yaml")
    with pytest.raises(ContractError, match="Is a directory"):
        Document.load(tmp_path)


def test_json_is_yaml_enough(tmp_path: Path) -> None:
    """A contract may be written in JSON, too."""
    file = tmp_path / "contract.json"
    file.write_bytes(CONTRACT.as_json)
    assert Document.load(file).data == CONTRACT.data


def test_an_overlaid_document_is_another_and_the_first_stays_as_it_was() -> None:
    """Two servers of one process may be set in two ways."""
    before = copy.deepcopy(CONTRACT.data)
    overlaid = CONTRACT.overlaid(
        [OverlayAction("/info/title", "Another"), OverlayAction("/info/contact", REMOVED)]
    )
    assert before == CONTRACT.data
    assert overlaid.at("/info/title") == "Another"
    assert "contact" not in overlaid.at("/info")
    assert yaml.safe_load(overlaid.as_yaml) == overlaid.data != before


def test_a_long_amended_document_is_yaml_in_the_form_of_json() -> None:
    """To write GitHub's as YAML took 18 seconds, and all other requests waited for it."""
    overlaid = CONTRACT.overlaid([OverlayAction("/info/description", "long " * 60_000)])
    assert overlaid.as_yaml is overlaid.as_json


def test_without_overlays_a_document_stays_itself() -> None:
    """A document without overlays is handed out byte for byte, comments included."""
    assert CONTRACT.overlaid([]) is CONTRACT


def test_an_inlined_reference_has_no_references_left() -> None:
    """Validators get schemas that stand for themselves."""
    inlined = CONTRACT.inlined(CONTRACT.data["paths"])
    assert [path for path, _ in walk(inlined) if path[-1:] == ("$ref",)] == []


@settings(derandomize=True, database=None)
@given(st.lists(st.text("~01/é", max_size=4)))
def test_a_pointer_leads_back_to_its_parts(parts: list[str]) -> None:
    """A name of any characters survives, `~` and `/` included (RFC 6901)."""
    assert pointer_parts(pointer_of(parts)) == parts


def test_the_operations_are_those_of_the_document() -> None:
    """Each operation is found by its operationId, with its method, its path and its tag."""
    found = {each.id: (each.method.lower(), each.path, each.tag) for each in OPERATIONS.values()}
    assert list(OPERATIONS) == list(operations(CONTRACT)) == list(found)
    for method, path, tag in found.values():
        assert CONTRACT.data["paths"][path][method]["tags"] == [tag]


def test_an_operation_has_the_parameters_of_its_path_and_its_own() -> None:
    """Parameters that stand at a path hold for each of its operations."""
    enqueue, read = OPERATIONS["enqueueMessage"], OPERATIONS["getMessage"]
    assert list(enqueue.in_place("path")) == ["queue"]
    assert list(enqueue.in_place("header")) == ["Idempotency-Key"]
    assert list(read.in_place("path")) == ["queue", "id"]
    assert [parameter.required for parameter in enqueue.parameters] == [True, False]


def test_a_response_knows_its_required_headers_and_its_examples() -> None:
    """Optional headers are not missed; examples are found by name, in the order of the document."""
    accepted = OPERATIONS["enqueueMessage"].responses[202]
    assert accepted.required_headers == {
        b"location",
        b"content-location",
        b"vary",
        b"access-control-allow-origin",
    }
    assert next(iter(accepted.examples())) == "documented"
    assert OPERATIONS["headMessage"].responses[200].examples() == {}


@pytest.mark.parametrize("operation_id", ["readThing", None])
def test_an_operation_without_a_name_of_its_own_is_called_by_method_and_path(
    operation_id: str | None,
) -> None:
    """No operationId, or one that another operation has: neither is lost."""
    second: Json = {"responses": {}} if operation_id is None else GET
    document = Document({"openapi": "3.0.3", "paths": {"/a": {"get": GET}, "/b": {"get": second}}})
    found = Contract(document).operations
    assert {name: (each.method, each.path) for name, each in found.items()} == {
        "readThing": ("GET", "/a"),
        "GET /b": ("GET", "/b"),
    }


@pytest.mark.parametrize(
    ("status", "documented"),
    [(404, "404"), (409, "4XX"), (499, "4XX"), (500, "default"), (200, "200"), (304, "default")],
)
def test_an_exact_status_goes_before_its_range_and_a_range_before_default(
    status: int, documented: str
) -> None:
    """The order of the document does not matter (OpenAPI 3.0.3, "Responses Object")."""
    answers = {each: {"description": each} for each in ("default", "4XX", "404", "200")}
    document = Document({"openapi": "3.0.3", "paths": {"/a": {"get": {**GET, "responses": answers}}}})
    found = Contract(document).operations["readThing"]
    answer = found.answer(status)
    assert answer is not None
    assert answer.status == documented
    assert {each.status for each in found.answers} == set(answers)


def test_a_status_that_is_not_documented_has_no_answer() -> None:
    """Without a range and a default there is nothing to hold it against."""
    document = Document(
        {"openapi": "3.0.3", "paths": {"/a": {"get": {**GET, "responses": {"200": {}, "5XX": {}}}}}}
    )
    operation = Contract(document).operations["readThing"]
    assert [operation.answer(status) for status in (201, 404)] == [None, None]


@pytest.mark.parametrize("status", ["4xx", "600", "4X", "Default", "20"])
def test_a_status_that_is_none_is_refused_by_name(status: str) -> None:
    """OpenAPI writes ranges in capitals; read as anything else, nothing would validate an answer."""
    document = Document({"openapi": "3.0.3", "paths": {"/a": {"get": {**GET, "responses": {status: {}}}}}})
    with pytest.raises(ContractError, match=f"GET /a: an answer to '{status}' is none: .* 4XX"):
        Contract(document)


def test_a_parameter_of_an_operation_goes_before_that_of_its_path() -> None:
    """There are not two of one name and place."""
    shared = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    own = [{**shared[0], "schema": {"type": "integer"}}]
    item = {"parameters": shared, "get": {**GET, "parameters": own}}
    parameters = Contract(Document({"openapi": "3.0.3", "paths": {"/{id}": item}})).operations["readThing"]
    assert [each.schema for each in parameters.parameters] == [{"type": "integer"}]


def test_a_number_as_a_key_and_a_date_as_a_value_are_texts(tmp_path: Path) -> None:
    """Many write 200 without quotes, and dates in examples; OpenAPI means JSON, which has neither."""
    file = tmp_path / "contract.yaml"
    file.write_text("openapi: 3.0.3\nx: &x {200: 1}\ny: {<<: *x, on: 2016-03-27, 1.5: 2016-13-45}\n")
    document = Document.load(file).data
    assert document["y"] == {"200": 1, "on": "2016-03-27", "1.5": "2016-13-45"}


def test_an_invalid_number_is_reported_like_any_other_slip(tmp_path: Path) -> None:
    """YAML has tags, and a value need not fit the one that it has."""
    file = tmp_path / "contract.yaml"
    file.write_text("openapi: 3.0.3\ninfo: !!int thirteen\n")
    with pytest.raises(ContractError, match=r"contract.yaml:\d+:\d+: not YAML: invalid literal"):
        Document.load(file)


def test_an_operation_of_any_size_is_worked_out(tmp_path: Path) -> None:
    """Schemas that all refer to each other stay references; to write them out is refused in a line."""
    names = [f"S{index}" for index in range(30)]
    mutual = {
        name: {"properties": {each: {"$ref": f"#/components/schemas/{each}"} for each in names}}
        for name in names
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
    components = {"schemas": mutual, "responses": {"Fine": {"description": "d", "content": content}}}
    item = {"get": {**GET, "responses": {"200": {"$ref": "#/components/responses/Fine"}}}}
    document = Document({"openapi": "3.0.3", "paths": {"/a": item}, "components": components})
    answer = Contract(document).operations["readThing"].answer(200)
    assert answer is not None
    assert answer.content == content
    with pytest.raises(ContractError, match="cannot be written out"):
        document.inlined(document.data["components"])


@pytest.mark.parametrize(
    ("pointer", "real"),
    [
        ("/a/b", "/a/b"),
        ("/to-a/b", "/a/b"),
        ("/twice/b", "/a/b"),
        ("/twice", "/a"),
        ("/a/nothing", "/a/nothing"),
        ("/lost/b", "/lost/b"),
        ("/outside/b", "/outside/b"),
        ("/no-text/b", "/no-text/b"),
    ],
)
def test_a_pointer_over_references_leads_to_the_place_of_the_value(pointer: str, real: str) -> None:
    """A reference that leads nowhere, or out of the document, is a place like any other."""
    document = Document(
        {
            "a": {"b": 1},
            "to-a": {"$ref": "#/a"},
            "twice": {"$ref": "#/to-a"},
            "lost": {"$ref": "#/nobody"},
            "outside": {"$ref": "other.yaml#/a"},
            "no-text": {"$ref": 1},
        }
    )
    assert document.resolve_pointer(pointer) == real


def test_references_in_a_circle_end() -> None:
    """Each of them is as good as the other, and none is followed for ever."""
    document = Document({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}})
    assert document.resolve_pointer("/a/x") in ("/a/x", "/b/x")
