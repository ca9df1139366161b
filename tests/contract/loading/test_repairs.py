"""Sloppy documents are repaired, and each repair is told with its place; a good one stays as it is."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from eqkit.contract.document import Document, Json
from eqkit.contract.loading.any_contract import Loaded, load_any
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.repairs import repaired
from eqkit.contract.operations import Contract
from eqkit.errors import ContractError
from tests.contract.documents import CONTRACT, MOCK

V = "openapi: 3.0.3\n"
FINE = {"description": "d"}
OPERATION = {"responses": {"200": FINE}, "operationId": "read"}


def loaded(folder: Path, data: Json, *, strict: bool = False) -> Loaded:
    """Load a document, written as YAML."""
    file = folder / "thing.yaml"
    file.write_text(data if isinstance(data, str) else yaml.safe_dump(data, sort_keys=False))
    return load_any(str(file), strict=strict)


def around(paths: Json, **members: Json) -> dict[str, Any]:
    """A document with some paths, and nothing wrong but these."""
    return {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths} | members


def one(operation: Json, path: str = "/things") -> dict[str, Any]:
    """A document with one GET."""
    return around({path: {"get": OPERATION | operation}})


def query(**members: Json) -> dict[str, Any]:
    """A document with one parameter."""
    return one({"parameters": [{"name": "n", "in": "query", "schema": {}} | members]})


@pytest.mark.parametrize("document", [CONTRACT, MOCK, Document(around({}))], ids=["ours", "mock", "empty"])
def test_a_good_document_stays_as_it_is(tmp_path: Path, document: Document) -> None:
    """Nothing is told, and the bytes that are handed out are those of the file."""
    file = tmp_path / "good.json"
    file.write_bytes(document.as_json)
    found = load_any(str(file), strict=True)
    assert (found.document.data, found.repairs, found.warnings) == (document.data, [], [])
    assert found.document.as_yaml == document.as_json
    assert found.files == (file,)


GET = "/paths/~1things/get"
N = f"{GET}/parameters/0"

ROWS: list[tuple[Json, str, str, Json]] = [
    # the whole document
    ("paths: {}\n", "there is no version in `openapi`: it is read as 3.0.3", "/openapi", "3.0.3"),
    ("webhooks: {}\ninfo: {title: t, version: v}\n", "it is read as 3.1.0", "/openapi", "3.1.0"),
    (
        "openapi: 3.0\ninfo: {title: t, version: v}\npaths: {}\n", "is 3.0: it is read as 3.0.3",
        "/openapi", "3.0.3",
    ),
    (around({}) | {"openapi": "3.1"}, '`openapi` is "3.1": it is read as 3.1.0', "/openapi", "3.1.0"),
    (around({}) | {"openapi": 3}, "`openapi` is 3: it is read as 3.0.3", "/openapi", "3.0.3"),
    (around({}) | {"openapi": "3.7.0"}, "it is read as 3.2.0", "/openapi", "3.2.0"),
    ({"openapi": "3.1.0", "paths": {}}, 'there is no `info`: the title is "thing"', "/info/title", "thing"),
    (around({}) | {"info": "T"}, '`info` must be an object, and is "T"', "/info/title", "thing"),
    (around({}) | {"info": {"version": "1"}}, "`info` has no `title`", "/info/title", "thing"),
    (around({}) | {"info": {"title": "T"}}, "`info` has no `version`", "/info/version", ""),
    (around({}) | {"info": {"title": "T", "version": 1.5}}, 'read as "1.5"', "/info/version", "1.5"),
    ({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}}, "there are no `paths`", "/paths", {}),
    (around({}, servers=["https://a.example/v1"]), "is a text", "/servers/0/url", "https://a.example/v1"),
    (around({}, servers={"url": "/v1"}), "it is read as one of it", "/servers/0/url", "/v1"),
    (around({}, servers=[{}]), "a server has no `url`", "/servers/0/url", "/"),
    (around({}, servers=[{"url": "/{v}"}]), '"v" of the server', "/servers/0/variables/v/default", ""),
    (
        around({}, servers=[{"url": "/{v}", "variables": {"v": {"enum": ["a", "b"]}}}]),
        '"v" has no `default`: it is "a"', "/servers/0/variables/v/default", "a",
    ),
    (
        around({}, servers=[{"url": "/{v}", "variables": {"v": {"default": 443}}}]),
        "is 443", "/servers/0/variables/v/default", "443",
    ),
    (around({}, tags=["things"]), '"things" is a text', "/tags/0/name", "things"),
    (around({}, components=None), "`components` is empty", "/components", {}),
    (around({}, components=[]), "`components` is an empty array", "/components", {}),
    # paths
    (around({"things": {"get": OPERATION}}), '"things" is served as "/things"', f"{GET}", OPERATION),
    (around({"/a?x=1#y": {"get": OPERATION}}), 'is served as "/a"', "/paths/~1a/get", OPERATION),
    (around({"https://h.example/a": {"get": OPERATION}}), 'served as "/a"', "/paths/~1a/get", OPERATION),
    (
        around({"/a": {"get": OPERATION}, "/a?x": {"put": {"responses": {"200": FINE}, "operationId": "w"}}}),
        "both are served as one", "/paths/~1a/put/operationId", "w",
    ),
    (
        around({"/a": {"get": OPERATION}, "/a?x": {"get": {}}}),
        'there as "/a", too: it is left out', "/paths/~1a/get", OPERATION,
    ),
    (around({"/a": None}), "`/a` is empty", "/paths/~1a", {}),
    (around({"/a": {"GET": OPERATION}}), 'the method "GET" is read as `get`', "/paths/~1a/get", OPERATION),
    (
        around({"/a/{id}": {"get": OPERATION}}), 'the path parameter "id" is not declared',
        "/paths/~1a~1{id}/parameters",
        [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
    ),
    (
        one({"parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}]}),
        "there is no {id} in the path", f"{GET}/parameters", [{}],
    ),
    (
        one({"parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}]}, "/things/:id"),
        'is served as "/things/{id}"', "/paths/~1things~1{id}/get/operationId", "read",
    ),
    (
        one({"parameters": [{"name": "id", "in": "path", "schema": {}}]}, "/{id}"),
        "does not say `required: true`", "/paths/~1{id}/get/parameters/0/required", True,
    ),
    (
        around({"/a": {"get": OPERATION}, "/b": {"get": OPERATION}}),
        'is that of another operation, too: this one is called "GET /b"',
        "/paths/~1b/get/operationId", "read",
    ),
    (
        around({"/a": {"$ref": "#/lost"}}), '"#/lost" leads nowhere: nothing is served', "/paths/~1a/$ref",
        "#/lost",
    ),
    (
        {**around({"$ref": "#/x-paths"}), "x-paths": {"a": {"get": OPERATION}}},
        '"a" is served as "/a"', "/paths/~1a/get", OPERATION,
    ),
    # operations
    (
        around({"/a": {"get": {}}}), "there are no `responses`",
        "/paths/~1a/get/responses/default/description", "",
    ),
    (one({"responses": {}}), "there are no responses", f"{GET}/responses/default/description", ""),
    (one({"responses": {"4xx": FINE}}), '"4xx" is read as 4XX', f"{GET}/responses/4XX", FINE),
    (one({"responses": {"5**": FINE}}), '"5**" is read as 5XX', f"{GET}/responses/5XX", FINE),
    (one({"responses": {"200": FINE, "ok": FINE}}), '"ok" is no status', f"{GET}/responses", {"200": FINE}),
    (
        one({"responses": {"200": FINE, "Default": FINE}}), "is read as default",
        f"{GET}/responses/default", FINE,
    ),
    (
        one({"responses": {"2XX": {"description": "a"}, "2xx": FINE}}),
        '"2xx" is there as 2XX, too', f"{GET}/responses", {"2XX": {"description": "a"}},
    ),
    (one({"responses": {"200": {}}}), '"200" has no `description`', f"{GET}/responses/200", {}),
    (one({"responses": {"200": None}}), "`200` is empty", f"{GET}/responses/200", {}),
    (one({"responses": {"200": "Fine"}}), "is a text", f"{GET}/responses/200/description", "Fine"),
    (one({"tags": "a"}), "`tags` must be an array", f"{GET}/tags", ["a"]),
    (
        one({"tags": [1, None]}), "item 1 of `tags` must be a text, and is empty: it is left out",
        f"{GET}/tags", ["1"],
    ),
    (one({"operationId": 5}), "`operationId` must be a text, and is 5", f"{GET}/operationId", "5"),
    (one({"deprecated": "yes"}), "it is read as true", f"{GET}/deprecated", True),
    (one({"requestBody": {}}), "`requestBody` has no `content`", f"{GET}/requestBody", {}),
    # parameters
    (query(**{"in": "body"}), "Swagger 2.0's", f"{GET}/parameters", [{}]),
    (query(**{"in": "formData"}), "Swagger 2.0's", f"{GET}/parameters", [{}]),
    (query(**{"in": "Query"}), "it is read from the query", f"{N}/in", "query"),
    (query(**{"in": None}), "it is read from the query", f"{N}/in", "query"),
    (query(name=None), "a parameter has no `name`", N, {}),
    (query(name=1), '`name` must be a text, and is 1: it is read as "1"', f"{N}/name", "1"),
    (query(required="true"), "`required` must be true or false", f"{N}/required", True),
    (query(explode="maybe"), "it is left out", N, {"name": "n", "in": "query", "schema": {}}),
    (
        one({"parameters": [{"name": "n", "in": "query", "type": "integer"}]}),
        "`type` beside it are taken for one", f"{N}/schema", {"type": "integer"},
    ),
    (
        one({"parameters": [{"name": "n", "in": "query"}]}), "any text is valid",
        f"{GET}/parameters", [{"name": "n", "in": "query"}],
    ),
    (
        one({"parameters": [{"name": "n", "in": "query", "schema": {}}] * 2}), "declared twice",
        f"{GET}/parameters", [{"name": "n", "in": "query", "schema": {}}] * 2,
    ),
    (one({"parameters": [None]}), "item 0 of `parameters` is empty", f"{GET}/parameters", [{}]),
    (
        one({"parameters": [{"$ref": "#/components/parameters/lost"}]}),
        "leads nowhere: it stands for anything",
        f"{N}/$ref", "#/components/parameters/lost",
    ),
    (
        one({"parameters": [{"$ref": "#/x-mine/p"}]})
        | {"x-mine": {"p": {"name": "n", "in": "query", "type": "string"}}},
        "are taken for one", "/x-mine/p/schema", {"type": "string"},
    ),
    # examples
    (
        query(examples=["a", 2]), "its items are named 1, 2", f"{N}/examples",
        {"1": {"value": "a"}, "2": {"value": 2}},
    ),
    (query(examples={"a": 5}), 'the example "a" is no object', f"{N}/examples/a", {"value": 5}),
    (
        query(examples={"a": {"id": 5}}), 'the example "a" has no `value`', f"{N}/examples/a",
        {"value": {"id": 5}},
    ),
    # schemas
    (query(schema={"type": "file"}), "type: ", f"{N}/schema", {"type": "file"}),
    (
        query(schema={"properties": {"a": {"required": True}}}), "required: ", f"{N}/schema/properties/a",
        {"required": True},
    ),
    (query(schema=5), "it is no schema", f"{N}/schema", 5),
    (query(schema={"pattern": "["}), "is no pattern", f"{N}/schema", {"pattern": "["}),
    (
        query(schema={"$ref": "#/lost"}), "#/lost leads nowhere: it stands for anything", f"{N}/schema",
        {"$ref": "#/lost"},
    ),
    (
        query(schema={"$ref": "https://h.example/s.json"}), "nothing is fetched: it stands for anything",
        f"{N}/schema/$ref", "https://h.example/s.json",
    ),
    # security
    (around({}, security=[{"lost": []}]), 'no security scheme "lost"', "/security", [{"lost": []}]),
    (around({}, security={"lost": None}), "an object: it is read as one of it", "/security", [{"lost": []}]),
    (
        around({}, components={"securitySchemes": {"k": {"type": "basic"}}}), "the type of Swagger 2.0",
        "/components/securitySchemes/k", {"type": "http", "scheme": "basic"},
    ),
    (
        around({}, components={"securitySchemes": {"k": {"type": "apikey", "in": "header", "name": "k"}}}),
        "it is read as `apiKey`", "/components/securitySchemes/k/type", "apiKey",
    ),
    (
        around({}, components={"securitySchemes": {"k": {"type": "apiKey"}}}), "does not say how it is sent",
        "/components/securitySchemes/k", {"type": "apiKey"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message", "pointer", "value"), ROWS, ids=range(len(ROWS)))
def test_a_sloppy_document_is_served(
    tmp_path: Path, data: Json, message: str, pointer: str, value: Json
) -> None:
    """Each fault is told in a line with its place, and the document has the repair; strict, it is refused."""
    found = loaded(tmp_path, data)
    lines = [str(each) for each in found.repairs]
    assert [each for each in lines if message in each], lines
    assert all(each.startswith(f"{tmp_path}/thing.yaml:") and "\n" not in each for each in lines)
    assert found.document.at(pointer) == value
    assert Contract(found.document).document is found.document
    with pytest.raises(ContractError) as caught:
        loaded(tmp_path, data, strict=True)
    assert str(caught.value).splitlines() == lines


def test_the_place_of_a_repaired_part_is_that_of_its_text(tmp_path: Path) -> None:
    """A path that is served by another name still stands where it stands."""
    found = loaded(
        tmp_path, "openapi: 3.0.3\npaths:\n  things:\n    GET:\n      responses: {200: {description: d}}\n"
    )
    assert str(found.place("/paths/~1things/get/responses")) == f"{tmp_path}/thing.yaml:5:7"


def test_what_is_well_is_not_copied(tmp_path: Path) -> None:
    """A repair copies the way to it, and all else is shared."""
    data = around({"a": {"get": OPERATION}, "/b": {"get": {**OPERATION, "operationId": "b"}}})
    document = Document(data)
    mended = repaired(document, lambda pointer: Place(tmp_path, pointer=pointer))
    assert mended.document.data["paths"]["/a"] is data["paths"]["a"]
    assert mended.document.data["info"] is data["info"]
    assert list(data["paths"]) == ["a", "/b"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "thing.yaml:2:1: not YAML: while parsing a flow node did not find expected node content"),
        ("", "it is empty"),
        ("[]", "it is no object"),
        ("hello", "it is no object"),
        ("a: b", "there is no member `openapi`"),
        ("swagger: '2.0'\npaths: {}", "Swagger 2.0 is not served: convert it, such as by `npx "),
        ("swagger: 2.0", "Swagger 2.0 is not served"),
        ("asyncapi: 3.0.0", "it is AsyncAPI"),
        ("overlay: 1.0.0", "it is an OpenAPI Overlay"),
        ("openapi: 2.0.0", "OpenAPI 2.0.0 can't be served"),
        ("openapi: 4.0.0", "OpenAPI 4.0.0 can't be served"),
        ("openapi: [3]", "OpenAPI an array can't be served"),
        ("openapi: true", "OpenAPI true can't be served"),
        (V + "paths: []", "`paths` must be an object, and is an array"),
        (V + "paths: 5", "`paths` must be an object, and is 5"),
        (V + "paths: {/a: 5}", "`/a` must be an object, and is 5"),
        (V + "paths: {/a: {get: [1]}}", "`get` must be an object, and is an array"),
        (V + "paths: {/a: {get: {responses: 5}}}", "`responses` must be an object, and is 5"),
        (V + "paths: {/a: {get: {responses: {200: 5}}}}", "`200` must be an object, and is 5"),
        (V + "paths: {/a: {get: {parameters: [p]}}}", 'item 0 of `parameters` must be an object'),
        (V + "paths: {/a: {get: {parameters: 1}}}", "`parameters` must be an array, and is 1"),
        (V + "paths: {/a: {get: {requestBody: {content: a}}}}", '`content` must be an object'),
        (V + "paths: {}\ncomponents: {schemas: 1}", "`schemas` must be an object, and is 1"),
        (V + "paths: {/a: {get: {responses: {$ref: '#/paths/~1a/get/responses'}}}}", "without end"),
        (V + "servers: [1]\npaths: 1", "(and 1 more like it)"),
    ],
)  # fmt: skip
def test_a_document_that_means_nothing_is_refused_in_a_line(tmp_path: Path, text: str, line: str) -> None:
    """The line has the file, and the place in it if it is known."""
    with pytest.raises(ContractError) as caught:
        loaded(tmp_path, text)
    assert line in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/thing.yaml:")
    assert "\n" not in str(caught.value)
