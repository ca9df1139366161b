"""A document with any value in any place is refused in a line, or all of it can be worked with."""

import copy
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqkit.contract.document import Json
from eqkit.contract.loading.any_contract import Loaded, load_any
from eqkit.contract.messages.compiled import CompiledContract, CompiledOperation
from eqkit.contract.operations import Contract
from eqkit.errors import ContractError
from eqkit.traffic.exchanges import RecordedExchange
from tests.contract.documents import walk

GOOD = yaml.safe_load("""
openapi: 3.1.0
info: {title: Good, version: '1'}
servers: [{url: 'https://{h}/v1', variables: {h: {default: a, enum: [a, b]}}}]
tags: [{name: pets}]
security: [{key: []}, {oauth: [read]}]
paths:
  /pets:
    parameters: [{$ref: '#/components/parameters/p'}]
    get:
      operationId: list
      tags: [pets]
      parameters:
      - {name: limit, in: query, explode: false, schema: {type: array, items: {type: integer}}}
      - {name: deep, in: query, style: deepObject, schema: {properties: {a: {type: string}}}}
      - {name: j, in: header, content: {application/json: {schema: {type: object}}}}
      responses:
        '200':
          description: d
          headers: {x-rate: {schema: {type: integer}, required: true}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}
              examples: {a: {value: []}, b: {$ref: '#/components/examples/e'}}
          links: {l: {operationId: list, parameters: {limit: '$response.body#/id'}}}
        4XX: {$ref: '#/components/responses/e'}
        default: {description: e}
    post:
      operationId: add
      security: []
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Pet'}, example: {name: x}}
          application/x-www-form-urlencoded: {schema: {type: object}, encoding: {a: {style: form}}}
          multipart/form-data:
            schema: {properties: {f: {type: string}}}
            encoding: {f: {contentType: text/plain, headers: {h: {schema: {}}}}}
      responses: {'201': {description: d}}
      callbacks: {c: {'{$request.body#/url}': {post: {responses: {'200': {description: d}}}}}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {allOf: [{$ref: '#/components/schemas/Pet'}, {properties: {x: {pattern: ^a}}}]}
  /alias: {$ref: '#/paths/~1pets'}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 20}
        id: {type: integer, readOnly: true}
        parent: {$ref: '#/components/schemas/Pet'}
        kind:
          oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
          discriminator: {propertyName: t, mapping: {cat: '#/components/schemas/Cat'}}
      additionalProperties: {type: string}
    Cat:
      properties: {t: {const: cat}}
      dependentRequired: {a: [b]}
      if: {properties: {a: true}}
      then: {required: [t]}
      $defs: {q: {$anchor: q}}
    Dog:
      type: [object, 'null']
      properties: {t: {enum: [dog]}}
      patternProperties: {^x: {type: integer}}
      unevaluatedProperties: false
  parameters: {p: {name: p, in: query, schema: {type: integer, minimum: 1}}}
  examples: {e: {value: [1]}}
  responses: {e: {description: e, content: {application/json: {schema: {$ref: '#/x'}}}}}
  securitySchemes:
    key: {type: apiKey, in: header, name: k}
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: /t, scopes: {read: r}}}}
x: {type: object}
""")

TEXTS = st.sampled_from(
    ["", "a", "/", "{", "true", "query", "path", "#", "#/", "#/x", "#/paths", "https://[", "http://é", "a b",
     "(", "#/components/schemas/Pet", "#/components/parameters/p",
     "#/paths/~1pets/get/parameters/9999999999999999"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)  # fmt: skip
NAMES = st.sampled_from(
    ["$ref", "$id", "$anchor", "$dynamicRef", "$schema", "id", "type", "in", "name", "400", "/a", "x", "get",
     "properties", "items", "allOf", "required", "enum", "pattern", "content", "schema", "examples",
     "dependencies", "discriminator", "mapping", "exclusiveMinimum", "multipleOf", "maxLength", "x-promised",
     "x-max-bytes", "nullable"]
) | TEXTS  # fmt: skip
NUMBERS = st.sampled_from([0, -1, 1.5, 1e300, 10**30, 10**400]) | st.integers()
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
PLACES: list[tuple[Any, ...]] = [path for path, _ in walk(GOOD) if path]


def members(holder: Json) -> Iterable[Any]:
    """The keys or indexes of a container; none of a scalar."""
    return holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()


@st.composite
def broken(draw: st.DrawFn) -> Json:
    """The good document with random values, or random names, in some of its places."""
    data = copy.deepcopy(GOOD) | {"openapi": draw(st.sampled_from(["3.0.3", "3.1.0", "3.2.0"]))}
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        *above, last = path
        holder: Any = data
        for part in above:
            fits = (
                part in holder
                if isinstance(holder, dict)
                else isinstance(holder, list) and part in range(len(holder))
            )
            holder = holder[part] if fits else None
        if isinstance(holder, dict) and last in holder and draw(st.integers(0, 3)) == 0:
            holder[draw(NAMES)] = holder.pop(last)
        elif isinstance(holder, dict) or (isinstance(holder, list) and last in range(len(holder))):
            holder[last] = draw(VALUES)
    return data


def messages(method: str) -> Iterator[RecordedExchange]:
    """An empty exchange, and one with a little of all that there is."""
    yield RecordedExchange("empty", method, "http://h/pets", request_body=b"", status=200, response_body=b"")
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        headers = (("content-type", kind), ("x-rate", "1"), ("j", "{}"))
        yield RecordedExchange(
            "full", method, "http://h/pets?limit=1,2&p=x&deep[a]=1", headers,
            b'{"name":"x","f":1}', 200, headers,
            b'[{"id":1,"name":"n","kind":{"t":"cat"}}]',
        )  # fmt: skip


def use(operation: CompiledOperation) -> None:
    """Ask an operation for all that it can tell of some messages."""
    for each in messages(operation.method):
        list(operation.request_violations(each, {"id": "5"}))
        list(operation.response_violations(each))


def outcome(file: Path) -> Loaded | str:
    """The document, or the words of the refusal."""
    try:
        return load_any(str(file))
    except ContractError as error:
        return str(error)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=broken())
def test_a_document_with_any_value_anywhere_ends_in_a_line_or_works(
    data: Json, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """There is a ContractError with one line, and no other exception, from loading to the last response."""
    file: Path = tmp_path_factory.getbasetemp() / "broken.json"
    file.write_text(json.dumps(data))
    found = outcome(file)
    if isinstance(found, str):
        assert found.startswith(str(file))
        assert "\n" not in found
        return
    document = found.document
    compiled = CompiledContract(document)
    for operation in Contract(document).complete().operations.values():
        assert all(response.examples() is not None for response in operation.answers)
        use(compiled.operation(operation.pointer))
    assert document.as_json
    assert document.as_yaml


def test_the_good_document_is_good(tmp_path: Path) -> None:
    """Otherwise the property above would say little."""
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    assert load_any(str(tmp_path / "good.json")).repairs == []
