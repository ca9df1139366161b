"""The ruleset `eqkit`: rules for documents that people, mocks and generators rely on."""

from collections.abc import Iterator
from typing import Any

from eqkit.checks.lint.nodes import Node, Nodes, Path
from eqkit.checks.lint.problems import Problem, Rule
from eqkit.checks.lint.rules.references import unused
from eqkit.contract.document import Json, pointer_of
from eqkit.contract.kinds import Kind
from eqkit.contract.loading.origins import FROM_DOCS, ORIGINS, is_part
from eqkit.contract.media_types import JSON_API

DEMANDED_HEADERS = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After", "503": "Retry-After"}
"""The headers that HTTP demands of a response, or a client cannot do without."""

MARKED = ("parameters", "responses", "headers", "securitySchemes", "schemas")
"""The kinds of components that say where they come from."""


def responses(nodes: Nodes) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield each response of each operation with its path in the document; a reference is followed."""
    for operation in nodes.own_operations:
        for status in operation.map("responses"):
            path = (*operation.path, "responses", status)
            yield path, _followed(nodes, path)


def _followed(nodes: Nodes, path: Path) -> dict[str, Any]:
    there = nodes.node(path)
    found = nodes.followed(there) if there is not None else None
    return found.value if found is not None else {}


def _headers(nodes: Nodes, path: Path) -> dict[str, dict[str, Any]]:
    """Return the headers of the response at a path by their names; references are followed."""
    there = nodes.node(path)
    response = nodes.followed(there) if there is not None else None
    return (
        {}
        if response is None
        else {each.path[-1]: real.value for each, real in nodes.below(response, "headers")}
    )


def _request_bodies(nodes: Nodes) -> list[Node]:
    bodies = [nodes.node((*operation.path, "requestBody")) for operation in nodes.own_operations]
    return [each for each in bodies if each is not None]


def _components(nodes: Nodes, *kinds: str) -> list[Node]:
    return [
        each
        for each in nodes.all
        if each.path[:1] == ("components",) and len(each.path) == 3 and each.path[1] in kinds
    ]


def speaks_json_api(nodes: Nodes) -> bool:
    """Return True where a request or response is a document of JSON:API; callbacks do not count."""
    return any(
        node.path[-2:] == ("content", JSON_API) and "callbacks" not in node.path
        for node in nodes.by_kind[Kind.MEDIA_TYPE]
    )


def operations_are_named(nodes: Nodes) -> Iterator[Problem]:
    """An operation has an operationId, a summary and a tag."""
    for operation in nodes.own_operations:
        for member in ("operationId", "summary", "tags"):
            if not operation.value.get(member):
                yield Problem(operation.pointer, f"the operation has no {member}")


def no_response_is_a_default(nodes: Nodes) -> Iterator[Problem]:
    """Every status that can be answered is listed; none hides behind `default` or a range."""
    for path, _ in responses(nodes):
        if not path[-1].isdecimal():
            yield Problem(pointer_of(path), f"{path[-1]} stands for statuses that nobody can look up")


def responses_have_content(nodes: Nodes) -> Iterator[Problem]:
    """A response has content, errors included, but to HEAD and as 1xx, 204, 205 and 304, which cannot."""
    for path, response in responses(nodes):
        status = path[-1]
        is_bare = path[2] == "head" or status in ("204", "205", "304") or status.startswith("1")
        if not is_bare and not response.get("content"):
            yield Problem(pointer_of(path), f"{status} has no content")


def responses_promise_their_headers(nodes: Nodes) -> Iterator[Problem]:
    """The headers that HTTP demands of a status are required; so is Vary where any response has it."""
    headers_of = {path: _headers(nodes, path) for path, _ in responses(nodes)}
    has_vary = any("Vary" in headers for headers in headers_of.values())
    for path, headers in headers_of.items():
        wanted = {DEMANDED_HEADERS.get(path[-1]), "Vary" if has_vary else None} - {None}
        for name in sorted(map(str, wanted)):
            if headers.get(name, {}).get("required") is not True:
                yield Problem(pointer_of(path), f"{path[-1]} does not promise the header {name}")


def head_is_get_without_content(nodes: Nodes) -> Iterator[Problem]:
    """HEAD has the statuses and headers of GET (RFC 9110 9.3.2)."""
    promised: dict[Path, dict[str, Json]] = {each.path: {} for each in nodes.own_operations}
    for path, _ in responses(nodes):
        promised[path[:-2]][path[-1]] = _headers(nodes, path)
    for path, answers in promised.items():
        twin = promised.get((*path[:2], "get"))
        if path[2] == "head" and twin is not None:
            for status in sorted({*answers, *twin}):
                if answers.get(status) != twin.get(status):
                    at = pointer_of([*path, "responses", status])
                    yield Problem(at, f"{status} is not as that of GET")


def parts_are_named(nodes: Nodes) -> Iterator[Problem]:
    """Operations refer to components: a named part is one type, one example, one header to every tool.

    Request bodies alone stand where they are used: some generators lose the media type of a referred one.
    """
    for node in nodes.all:
        if _is_a_use(node.path) and "$ref" not in node.value:
            message = "it stands here without a name; make it a component and refer to it"
            yield Problem(node.pointer, message)


def _is_a_use(path: Path) -> bool:
    match path:
        case ("components", _, _) | ("components", "schemas" | "examples", *_):
            return False
        # A request body that is used once is the place for its examples.
        case (*_, "requestBody", "content", _, "examples", _):
            return False
        case ("paths", _, *_, "parameters", _) | (*_, "headers" | "links", _):
            return "links" not in path[:-2]
        case (*_, "content", _, "schema") | (*_, "content", _, "examples", _):
            return True
    return False


def everything_is_used(nodes: Nodes) -> Iterator[Problem]:
    """A link, callback or path item that no operation reaches is no part of the contract, either."""
    yield from unused(nodes, ("links", "callbacks", "pathItems"))


def requests_and_responses_are_apart(nodes: Nodes) -> Iterator[Problem]:
    """Requests and responses of JSON:API share no object and no array: they change for different reasons."""
    if not speaks_json_api(nodes):
        # Elsewhere, GET often returns the document that was PUT.
        return
    asked = nodes.reached([*_request_bodies(nodes), *_components(nodes, "parameters")])
    answered = nodes.reached(_components(nodes, "responses", "headers"))
    for path in sorted(asked & answered):
        if _followed(nodes, path).get("type") in ("object", "array"):
            yield Problem(pointer_of(path), "requests and responses share it")


def attributes_are_closed(nodes: Nodes) -> Iterator[Problem]:
    """Of JSON:API's objects only the `attributes` of a request are closed: a misspelt one must be noticed.

    Those of a response are open: a closed object makes old clients refuse the next version of a service.
    """
    if not speaks_json_api(nodes):
        return
    asked = nodes.reached(_request_bodies(nodes))
    objects = [each for each in nodes.schemas if each.value.get("type") == "object"]
    attributes: set[Path] = set()
    for schema in objects:
        there = nodes.node((*schema.path, "properties", "attributes"))
        member = nodes.followed(there) if there is not None else None
        if member is not None and {schema.path, member.path} & asked:
            attributes.add(member.path)
    for schema in objects:
        is_closed = schema.value.get("additionalProperties") is False
        if is_closed and schema.path not in attributes:
            message = "it is closed, and its reader has to ignore members that it does not know"
            yield Problem(schema.pointer, message)
        elif schema.path in attributes and not is_closed:
            yield Problem(schema.pointer, "attributes are open, so a misspelt one is not noticed")


def patterns_are_whole(nodes: Nodes) -> Iterator[Problem]:
    """A pattern is for the whole text: an open one lets through texts that it was meant to refuse."""
    for schema in nodes.schemas:
        pattern = schema.text("pattern")
        if pattern is None:
            continue
        # The beginning of a link depends on the address that the client used.
        has_beginning = schema.value.get("format") in ("uri", "uri-reference") or pattern.startswith("^")
        if not has_beginning or not pattern.endswith("$"):
            yield Problem(schema.at("pattern"), f"{pattern} is not bound to the whole text")


def schemas_are_plain(nodes: Nodes) -> Iterator[Problem]:
    """Without `nullable`, a schema of OpenAPI 3.0 is one of JSON Schema draft 4."""
    for schema in nodes.schemas:
        if "nullable" in schema.value:
            yield Problem(schema.at("nullable"), "nullable is read in different ways")


def things_have_examples(nodes: Nodes) -> Iterator[Problem]:
    """Each media type, parameter and header has examples, each with a summary."""
    for node in nodes.of(Kind.MEDIA_TYPE, Kind.PARAMETER, Kind.HEADER):
        is_component = node.path[0] == "components" and len(node.path) == 3
        if node.kind is not Kind.MEDIA_TYPE and not is_component:
            continue
        examples = list(nodes.below(node, "examples"))
        if not node.map("examples"):
            yield Problem(node.pointer, "it has no examples")
        for there, real in examples:
            if not real.value.get("summary") or "value" not in real.value:
                yield Problem(there.pointer, "the example lacks a summary or a value")


def everything_has_an_origin(nodes: Nodes) -> Iterator[Problem]:
    """Where one part says by x-origin where it comes from, every part does, and by x-ruling why."""
    marks = [node for node in nodes.all if {"x-origin", "x-ruling"} & set(node.value)]
    for node in marks:
        origin, rulings = node.value.get("x-origin"), node.items("x-ruling")
        if origin not in ORIGINS:
            yield Problem(node.pointer, f"x-origin is {origin!r}; there are {', '.join(ORIGINS)}")
        if not rulings or len(set(map(str, rulings))) != len(rulings):
            yield Problem(node.pointer, "x-ruling has to be a list of rulings, each once")
    marked = {node.path for node in marks}
    named = {node.path for node in _components(nodes, *MARKED)}
    for node in nodes.all if marked else ():
        part = node.path in named or node.path[:-1] == ("tags",) or is_part(node.path, node.value)
        if part and node.path not in marked:
            origins = ", ".join((*FROM_DOCS, "implied"))
            yield Problem(node.pointer, f"it does not say where it comes from: {origins}")


def error_codes_are_listed(nodes: Nodes) -> Iterator[Problem]:
    """`x-error-codes` maps a keyword of its own schema to a code of the schema ErrorCode."""
    codes_of = _followed(nodes, ("components", "schemas", "ErrorCode"))
    listed = codes_of.get("x-extensible-enum", codes_of.get("enum", []))
    for schema in nodes.schemas:
        for keyword, code in schema.map("x-error-codes").items():
            at = schema.at("x-error-codes", keyword)
            if keyword not in schema.value:
                yield Problem(at, f"the schema has no {keyword} to break")
            if code not in listed:
                yield Problem(at, f"{code} is no code of ErrorCode")


EQKIT: dict[str, Rule] = {
    "eqkit-operation": operations_are_named,
    "eqkit-default-response": no_response_is_a_default,
    "eqkit-content": responses_have_content,
    "eqkit-headers": responses_promise_their_headers,
    "eqkit-head": head_is_get_without_content,
    "eqkit-unnamed": parts_are_named,
    "eqkit-unused": everything_is_used,
    "eqkit-shared": requests_and_responses_are_apart,
    "eqkit-closed": attributes_are_closed,
    "eqkit-pattern": patterns_are_whole,
    "eqkit-nullable": schemas_are_plain,
    "eqkit-examples": things_have_examples,
    "eqkit-origin": everything_has_an_origin,
    "eqkit-error-codes": error_codes_are_listed,
}
"""Each rule by its slug; the first line of its docstring is its demand."""
