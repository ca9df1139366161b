"""Names of a contract as Python identifiers, and the functions of its operations."""

import keyword
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eqkit.contract.document import Document, Json
from eqkit.contract.identifiers import MAX_BYTES, identifier
from eqkit.contract.operations import Contract
from eqkit.contract.signatures import DEFAULT_MODULE, TOOLS, Signatures, usual_status

OK = {"200": {"description": "Fine."}}


def signatures(paths: dict[str, Json]) -> Signatures:
    """Return the functions of a document with some paths."""
    info = {"title": "Pets", "version": "1"}
    return Signatures(Contract(Document({"openapi": "3.1.0", "info": info, "paths": paths})))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("getPet", "get_pet"),
        ("get-pet", "get_pet"),
        ("pets/list", "pets_list"),
        ("listPetsV2", "list_pets_v2"),
        ("Pet Store", "pet_store"),
        ("HTTPStatus", "http_status"),
        ("getPetIDs", "get_pet_ids"),
        ("OAuth2Token", "oauth2_token"),
        ("GET /pets/{petId}", "get_pets_pet_id"),
        ("filter[name]", "filter_name"),
        ("X-Request-ID", "x_request_id"),
        ("__init__", "init"),
        ("3ds", "operation_3ds"),
        ("", "operation"),
        ("🎉", "operation"),
        ("❤️ pets", "pets"),
        ("class", "class_"),
        ("None", "none"),
        ("list", "list_"),
        ("AUX", "aux_"),
        ("größe", "größe"),
        ("ﬁle²", "file2"),
        ("取得", "取得"),
        ("पालतू जानवर", "पालतू_जानवर"),
    ],
)
def test_a_name_is_written_in_snake_case(text: str, name: str) -> None:
    """Words are parted by case and by all that is in no identifier; keywords and types get ``_``."""
    assert identifier(text, "operation") == name


@given(st.text() | st.from_regex(r"[a-zA-Z0-9 _/{}.-]{0,300}"))
@example("\ud800")
@example("\u0130" * 200)
@example('"""\n\'\\')
def test_any_text_has_an_identifier(text: str) -> None:
    """It is one for Python, in the form in which Python keeps it, public, and short enough for a file."""
    name = identifier(text, "operation")
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert not name.startswith("_")
    assert unicodedata.normalize("NFKC", name) == name
    assert len(name.encode()) <= MAX_BYTES
    compile(f"def {name}({name}): return {name}", "", "exec")


def test_long_names_with_one_beginning_stay_apart() -> None:
    """The digest of the whole text tells them from each other."""
    long = "x" * 10_000
    assert len({identifier(long + each, "operation") for each in ("", "a", "b")}) == 3


def test_an_operation_has_a_module_and_a_function() -> None:
    """The first tag, and the operationId; without them, the default module, and method and path."""
    found = signatures(
        {
            "/pets/{id}": {
                "get": {"operationId": "getPet", "tags": ["Pet Store", "pets"], "responses": OK},
                "put": {"tags": ["pet-store"], "responses": OK},
                "delete": {"operationId": "deletePet", "responses": OK},
            }
        }
    )
    names = {module: [each.function for each in functions] for module, functions in found.modules.items()}
    assert names == {"pet_store": ["get_pet", "put_pets_id"], DEFAULT_MODULE: ["delete_pet"]}
    assert found.collisions == []


def test_operations_of_one_name_are_called_by_method_and_path() -> None:
    """All of them, so that no order decides; only the names of paths that collide, too, are numbered."""
    found = signatures(
        {
            "/a-b": {"get": {"operationId": "getPet", "responses": OK}},
            "/a_b": {"get": {"operationId": "get-pet", "responses": OK}},
            "/c": {"get": {"operationId": "get_c", "responses": OK}},
            "/d": {"get": {"operationId": "get.pet", "tags": ["other"], "responses": OK}},
        }
    )
    assert [each.function for each in found.modules[DEFAULT_MODULE]] == ["get_a_b", "get_a_b_2", "get_c"]
    assert [each.function for each in found.modules["other"]] == ["get_pet"]
    assert found.collisions == [
        "default.py: get_pet would be 2 operations; 'getPet' is get_a_b",
        "default.py: get_pet would be 2 operations; 'get-pet' is get_a_b_2",
    ]


def test_parameters_have_their_names_and_places() -> None:
    """One name in two places, and the name of a tool, get the place in front; headers of HTTP are none."""
    listed: list[Json] = [
        {"name": "petId", "in": "path", "required": True, "schema": {}},
        {"name": "X-Request-ID", "in": "header", "schema": {}},
        {"name": "Accept", "in": "header", "schema": {}},
        {"name": "tag", "in": "query", "schema": {}},
        {"name": "tag", "in": "cookie", "schema": {}},
        {"name": "query-tag", "in": "query", "schema": {}},
        {"name": "class", "in": "query", "schema": {}},
        *({"name": name, "in": "query", "schema": {}} for name in ("sandbox", "body", *TOOLS)),
    ]
    body: Json = {"content": {"application/json": {"schema": {}}}}
    found = signatures(
        {"/pets/{petId}": {"post": {"parameters": listed, "requestBody": body, "responses": OK}}}
    )
    (signature,) = found.modules[DEFAULT_MODULE]
    assert signature.names == (
        "pet_id",
        "x_request_id",
        "query_tag_2",
        "cookie_tag",
        "query_tag",
        "class_",
        *(f"query_{name}" for name in ("sandbox", "body", *TOOLS)),
        "body",
    )


@given(st.lists(st.text(max_size=8), max_size=8, unique=True))
def test_every_operation_and_parameter_has_a_name_of_its_own(texts: list[str]) -> None:
    """For any texts, no name of a module comes twice, and none of a function."""
    listed: list[Json] = [
        {"name": text, "in": place, "schema": {}} for text in texts for place in ("query", "cookie")
    ]
    paths = {
        f"/{text}": {"get": {"operationId": text, "parameters": listed, "responses": OK}} for text in texts
    }
    found = signatures(paths)
    functions = [each.function for each in found.modules.get(DEFAULT_MODULE, ())]
    assert len(functions) == len(set(functions)) == len(texts)
    for each in found.of.values():
        assert len(each.names) == len(set(each.names)) == 2 * len(texts)


@pytest.mark.parametrize(
    ("statuses", "usual"),
    [
        (["202", "201", "404"], 201),
        (["302", "404"], 302),
        (["101", "302"], 302),
        (["101"], 200),
        (["302", "default"], 200),
        (["2XX", "404"], 200),
        (["4XX"], 200),
        (["default"], 200),
        ([], 200),
    ],
)
def test_an_operation_that_goes_well_ends_with_its_lowest_success(statuses: list[str], usual: int) -> None:
    """One without a success ends with its lowest status, unless a range or the default may be one."""
    responses = {each: {"description": ""} for each in statuses}
    (signature,) = signatures({"/a": {"get": {"responses": responses}}}).of.values()
    assert usual_status(signature.operation) == usual
