"""A fault of validity is reported at its member, with the values that are allowed there."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqkit.checks.lint.nodes import Nodes
from eqkit.checks.lint.rulesets import RULES
from eqkit.contract.document import Document, pointer_of
from tests.checks.lint.small import (
    CONTRACT,
    GET,
    NAME,
    NEW,
    NEWEST,
    OK,
    OLD,
    PET,
    POST,
    TEXT,
    Changes,
    changed,
    findings,
)

PARAMETER = f"{GET}/parameters/0"
LOGIN = "/components/securitySchemes/login"
MESSAGES: list[tuple[str, Changes, str, str]] = [
    (OLD, {"/info": None}, "", 'the member "info" is missing'),
    (
        OLD,
        {"/info/contact": {"email": "nope"}},
        "/info/contact/email",
        'must be an e-mail address, and is "nope"',
    ),
    (OLD, {"/info/version": 1.0}, "/info/version", "must be a string, and is 1.0"),
    (OLD, {"/info/sumary": ""}, "/info/sumary", 'an Info Object has no member "sumary"'),
    (OLD, {"/info/descripton": ""}, "/info/descripton", "did you mean description?"),
    (
        OLD,
        {PARAMETER: {"name": "a", "schema": TEXT}},
        PARAMETER,
        '"in" is missing; it is path, query, header or cookie',
    ),
    (
        NEW,
        {PARAMETER: {"name": "a", "schema": TEXT}},
        PARAMETER,
        '"in" is missing; it is path, query, header or cookie',
    ),
    (
        OLD,
        {PARAMETER: {"name": "a", "in": "qurey", "schema": TEXT}},
        f"{PARAMETER}/in",
        'must be path, query, header or cookie, and is "qurey"; did you mean query?',
    ),
    (
        NEW,
        {PARAMETER: {"name": "a", "in": "body", "schema": TEXT}},
        f"{PARAMETER}/in",
        'must be query, header, path or cookie, and is "body"',
    ),
    (
        OLD,
        {PARAMETER: {"name": "a", "in": "path", "schema": TEXT}},
        PARAMETER,
        'the member "required" is missing',
    ),
    (
        NEW,
        {PARAMETER: {"name": "a", "in": "path", "required": False, "schema": TEXT}},
        f"{PARAMETER}/required",
        "must be true, and is false",
    ),
    (OLD, {PARAMETER: {"name": "a", "in": "query"}}, PARAMETER, "one of schema or content is missing"),
    (NEW, {PARAMETER: {"name": "a", "in": "query"}}, PARAMETER, "one of schema or content is missing"),
    (
        NEW,
        {PARAMETER: {"name": "a", "in": "query", "schema": TEXT, "content": {"a/b": {}}}},
        PARAMETER,
        '"schema" and "content" exclude each other',
    ),
    (
        OLD,
        {f"{PARAMETER}/style": "simple"},
        f"{PARAMETER}/style",
        "must be form, spaceDelimited, pipeDelimited or deepObject",
    ),
    (
        OLD,
        {f"{PARAMETER}/example": "a", f"{PARAMETER}/examples": {}},
        PARAMETER,
        '"example" and "examples" exclude each other',
    ),
    (OLD, {f"{POST}/requestBody/content": None}, f"{POST}/requestBody", 'the member "content" is missing'),
    (OLD, {f"{POST}/responses": None}, POST, 'the member "responses" is missing'),
    (OLD, {f"{POST}/responses": {}}, f"{POST}/responses", "must have at least 1 member, and has 0"),
    (OLD, {f"{POST}/responses/4xx": {"description": ""}}, f"{POST}/responses/4xx", "did you mean 4XX?"),
    (OLD, {f"{POST}/responses/99": {"description": ""}}, f"{POST}/responses/99", '"99" is no status'),
    (
        NEW,
        {f"{POST}/responses/204/description": None},
        f"{POST}/responses/204",
        'the member "description" is missing',
    ),
    (OLD, {"/paths/a": {}}, "/paths/a", "a path begins with a slash"),
    (OLD, {"/webhooks": {}}, "/webhooks", "since OpenAPI 3.1, and the document is 3.0.3"),
    (NEW, {"/paths/~1pets~1{id}/query": {"responses": OK}}, "/paths/~1pets~1{id}/query", "since OpenAPI 3.2"),
    (
        OLD,
        {f"{NAME}/const": "a"},
        f"{NAME}/const",
        'since OpenAPI 3.1, and the document is 3.0.3; "enum" with one value',
    ),
    (
        OLD,
        {f"{NAME}/type": ["string", "null"]},
        f"{NAME}/type",
        '3.0 has one type, and "nullable": true for null',
    ),
    (OLD, {f"{NAME}/type": "strnig"}, f"{NAME}/type", "did you mean string?"),
    (NEW, {f"{NAME}/type": "strnig"}, f"{NAME}/type", "did you mean string?"),
    (OLD, {f"{NAME}/maxLenght": 1}, f"{NAME}/maxLenght", "did you mean maxLength?"),
    (
        OLD,
        {f"{NAME}/exclusiveMinimum": 1},
        f"{NAME}/exclusiveMinimum",
        '3.0 has the bound in "minimum", and true here',
    ),
    (NEW, {f"{NAME}/exclusiveMinimum": True}, f"{NAME}/exclusiveMinimum", "must be a number, and is true"),
    (NEW, {f"{NAME}/discriminator": {}}, f"{NAME}/discriminator", '"propertyName" is missing'),
    (
        NEW,
        {f"{PET}/required": ["id", "id"]},
        f"{PET}/required",
        'must have each item once, and has "id" twice',
    ),
    (NEW, {f"{NAME}/$defs/a/anyOf": []}, f"{NAME}/$defs/a/anyOf", "must have at least 1 item, and has 0"),
    (OLD, {"/servers/0/variables": {"a": {}}}, "/servers/0/variables/a", 'the member "default" is missing'),
    (NEW, {f"{POST}/responses": {}}, f"{POST}/responses", "must have at least 1 member, and has 0"),
    (OLD, {GET: {"$ref": "#/x"}}, f"{GET}/$ref", "no reference can stand in place of an Operation Object"),
    (OLD, {LOGIN: {"type": "oauth"}}, f"{LOGIN}/type", "must be apiKey, http, oauth2 or openIdConnect"),
    (OLD, {LOGIN: {"type": "apiKey", "name": "a"}}, LOGIN, '"in" is missing; it is query, header or cookie'),
    (
        OLD,
        {f"{LOGIN}/flows/implicit/authorizationUrl": None},
        f"{LOGIN}/flows/implicit",
        '"authorizationUrl" is missing',
    ),
    (NEW, {f"{LOGIN}/flows/implicit/scopes": None}, f"{LOGIN}/flows/implicit", '"scopes" is missing'),
    (
        OLD,
        {LOGIN: {"type": "http", "scheme": "basic", "bearerFormat": "a"}},
        LOGIN,
        '"bearerFormat" can\'t stand here',
    ),
    (
        NEWEST,
        {LOGIN: {"type": "http", "scheme": "basic", "flows": {}}},
        f"{LOGIN}/flows",
        "does not belong to a scheme of the type",
    ),
]
"""A version, the changes, the place of the finding, and a part of its message."""


@pytest.mark.parametrize(("version", "changes", "pointer", "message"), MESSAGES)
def test_a_fault_is_reported_at_its_member_alone(
    version: str, changes: Changes, pointer: str, message: str, tmp_path: Path
) -> None:
    """One fault is one finding of validity: not of the objects around it, and not of other alternatives."""
    every = [each for each in findings(tmp_path, changed(changes, version)) if each.rule == "lint-invalid"]
    assert [each.place and each.place.pointer for each in every] == [pointer]
    assert message in every[0].message


def test_every_fault_is_reported(tmp_path: Path) -> None:
    """Several in one document, one within the other's neighbour."""
    changes: Changes = {
        f"{NAME}/maxLenght": 1,
        f"{POST}/responses/204/description": None,
        "/info/version": 1,
        PARAMETER: {},
    }
    for version in (OLD, NEW):
        every = findings(tmp_path, changed(changes, version))
        places = {each.place.pointer for each in every if each.place and each.rule == "lint-invalid"}
        assert places >= {f"{POST}/responses/204", "/info/version", PARAMETER}


def places(node: Any, path: tuple[str, ...] = ()) -> list[str]:
    """The pointer to every value within a document."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [pointer_of(path), *(at for key, each in children for at in places(each, (*path, str(key))))][
        bool(not path) :
    ]


ODD = st.sampled_from(
    [
        None,
        True,
        0,
        -1.5,
        "",
        "a",
        "$a",
        "{",
        "#/",
        "#/paths",
        [],
        [None],
        ["a", 1],
        {},
        {"$ref": 1},
        {"": None},
        {"$ref": "#/paths"},
    ]
)


@given(
    version=st.sampled_from([OLD, NEW, NEWEST]),
    changes=st.dictionaries(st.sampled_from(places(CONTRACT)), ODD, min_size=1, max_size=3),
    beside=st.dictionaries(
        st.sampled_from([PET, NAME, GET, POST, PARAMETER, "/paths", "/components"]),
        st.tuples(
            st.sampled_from(
                [
                    "allOf",
                    "properties",
                    "examples",
                    "content",
                    "enum",
                    "required",
                    "parameters",
                    "mapping",
                    "discriminator",
                    "servers",
                    "links",
                    "$ref",
                    "default",
                    "x-eqkit-ignore",
                ]
            ),
            ODD,
        ),
        max_size=2,
    ),
)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_rule_breaks_on_a_document_of_any_shape(
    version: str, changes: dict[str, Any], beside: dict[str, tuple[str, Any]]
) -> None:
    """Every rule comes to its end on every document, and no message has a program's own words."""
    contract = changed({}, version)
    every = {**{f"{at}/{name}": value for at, (name, value) in beside.items()}, **changes}
    for pointer, value in every.items():
        *above, last = [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]
        node: Any = contract
        for part in above:
            node = (
                node[int(part)]
                if isinstance(node, list) and part.isdecimal() and int(part) < len(node)
                else node.get(part)
                if isinstance(node, dict)
                else None
            )
        if isinstance(node, dict) and pointer != "/openapi":
            node[last] = copy.deepcopy(value)
    nodes = Nodes(Document(contract))
    for rule in RULES.values():
        for problem in rule(nodes):
            assert problem.message
            assert not re.search(r"\b\w+Error\b|Traceback|object at 0x|<class", problem.message)
