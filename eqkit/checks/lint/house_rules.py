"""The house rules: what makes an OpenAPI document one that people, mocks and generators can rely on."""

from collections.abc import Callable, Iterator
from typing import Any

from eqkit.checks.lint.examples import found, referred, schemas, walk
from eqkit.contract.document import Document, Json, pointer_of
from eqkit.contract.media_types import JSON_API
from eqkit.contract.operations import METHODS
from eqkit.contract.origins import FROM_DOCS, ORIGINS, is_part

DEMANDED_HEADERS = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After", "503": "Retry-After"}
"""The headers that HTTP demands of an answer, or a client cannot do without."""

MARKED = ("parameters", "responses", "headers", "securitySchemes", "schemas")
"""The kinds of components that say where they come from."""

Broken = tuple[str, str]
"""A JSON pointer, and what is wrong there."""


def operations(document: Document) -> Iterator[tuple[tuple[str, str, str], dict[str, Any]]]:
    """Yield each operation with its path in the document."""
    for path, item in document.data.get("paths", {}).items():
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield ("paths", path, method), item[method]


def responses(document: Document) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield each response of each operation with its path in the document; a reference is followed."""
    for path, operation in operations(document):
        for status, response in operation.get("responses", {}).items():
            yield (*path, "responses", str(status)), _followed(document, response)


def components(document: Document, *kinds: str) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield each component of some kinds, or of all, with its path in the document."""
    for kind, named in document.data.get("components", {}).items():
        if not kinds or kind in kinds:
            yield from ((("components", kind, str(name)), each) for name, each in named.items())


def _followed(document: Document, node: Json) -> dict[str, Any]:
    target = found(document, node["$ref"]) if isinstance(node, dict) and "$ref" in node else node
    return target if isinstance(target, dict) else {}


def speaks_json_api(document: Document) -> bool:
    """Whether any request or answer is a document of JSON:API; what is posted to others does not count."""
    own = [
        {name: part for name, part in operation.items() if name != "callbacks"}
        for _, operation in operations(document)
    ]
    parts = [own, *(found(document, reference) for reference in referred(document, own))]
    return any(path[-2:] == ("content", JSON_API) for part in parts for path, _ in walk(part))


def operations_are_named(document: Document) -> Iterator[Broken]:
    """An operation has an operationId that no other has, a summary and a tag."""
    seen: set[str] = set()
    for path, operation in operations(document):
        for member in ("operationId", "summary", "tags"):
            if not operation.get(member):
                yield pointer_of(path), f"the operation has no {member}"
        name = operation.get("operationId")
        if name in seen:
            yield pointer_of([*path, "operationId"]), f"another operation is called {name}, too"
        if name:
            seen.add(name)


def no_answer_is_a_default(document: Document) -> Iterator[Broken]:
    """Every status that can be answered is listed; none hides behind `default` or a range."""
    for path, _ in responses(document):
        if not path[-1].isdecimal():
            yield pointer_of(path), f"{path[-1]} stands for statuses that nobody can look up"


def answers_have_content(document: Document) -> Iterator[Broken]:
    """An answer has content, errors included, but to HEAD and as 1xx, 204, 205 and 304, which cannot."""
    for path, response in responses(document):
        status, bare = path[-1], path[2] == "head"
        bare = bare or status in ("204", "205", "304") or status.startswith("1")
        if bool(response.get("content")) is bare:
            yield pointer_of(path), f"{status} {'cannot have' if bare else 'has no'} content"


def answers_promise_their_headers(document: Document) -> Iterator[Broken]:
    """The headers that HTTP demands of a status are required; so is Vary where any answer has it."""
    answers = list(responses(document))
    vary = any("Vary" in response.get("headers", {}) for _, response in answers)
    for path, response in answers:
        wanted = {DEMANDED_HEADERS.get(path[-1]), "Vary" if vary else None} - {None}
        for name in sorted(map(str, wanted)):
            header = _followed(document, response.get("headers", {}).get(name, {}))
            if header.get("required") is not True:
                yield pointer_of(path), f"{path[-1]} does not promise the header {name}"


def head_is_get_without_content(document: Document) -> Iterator[Broken]:
    """HEAD has the statuses and headers of GET (RFC 9110 9.3.2)."""
    promised = {
        path: {
            status: {
                name: _followed(document, header)
                for name, header in _followed(document, response).get("headers", {}).items()
            }
            for status, response in operation.get("responses", {}).items()
        }
        for path, operation in operations(document)
    }
    for path, answers in promised.items():
        twin = promised.get((*path[:2], "get"))
        if path[2] == "head" and twin is not None:
            for status in sorted({*answers, *twin}, key=str):
                if answers.get(status) != twin.get(status):
                    yield pointer_of([*path, "responses", str(status)]), f"{status} is not as that of GET"


def parts_are_named(document: Document) -> Iterator[Broken]:
    """Operations refer to components: a named part is one type, one example, one header to every tool.

    Request bodies alone stand where they are used: some generators lose the media type of a referred one.
    """
    for path, node in walk(document.data):
        if _is_a_use(path) and "$ref" not in node:
            yield pointer_of(path), "it stands here without a name; make it a component and refer to it"


def _is_a_use(path: tuple[str, ...]) -> bool:
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


def components_are_used(document: Document) -> Iterator[Broken]:
    """What no operation refers to, directly or not, is no part of the contract."""
    used = referred(document, document.data.get("paths", {}))
    needs = [
        document.data.get("security", []),
        *(each.get("security", []) for _, each in operations(document)),
    ]
    used |= {f"#/components/securitySchemes/{name}" for need in needs for one in need for name in one}
    for path, _ in components(document):
        if f"#{pointer_of(path)}" not in used:
            yield pointer_of(path), "no operation refers to it"


def requests_and_answers_are_apart(document: Document) -> Iterator[Broken]:
    """Requests and answers of JSON:API share no object and no array: they change for different reasons."""
    if not speaks_json_api(document):
        # Elsewhere, what is put is often got back as it is.
        return
    bodies = [operation.get("requestBody", {}) for _, operation in operations(document)]
    asked = referred(document, [*bodies, *(each for _, each in components(document, "parameters"))])
    answered = referred(document, [each for _, each in components(document, "responses", "headers")])
    for reference in sorted(asked & answered):
        if _followed(document, {"$ref": reference}).get("type") in ("object", "array"):
            yield reference.removeprefix("#"), "requests and answers share it"


def attributes_are_closed(document: Document) -> Iterator[Broken]:
    """Of JSON:API's objects only the `attributes` of a request are closed: a misspelt one must be noticed.

    Those of an answer are open, since a closed object makes old clients refuse the next version of a service.
    """
    if not speaks_json_api(document):
        return
    asked = referred(document, [operation.get("requestBody", {}) for _, operation in operations(document)])
    every = {pointer_of(path): node for path, node in schemas(document) if node.get("type") == "object"}
    attributes = set()
    for pointer, schema in every.items():
        member = schema.get("properties", {}).get("attributes")
        if isinstance(member, dict):
            at = member.get("$ref", f"#{pointer}/properties/attributes")
            attributes |= {at.removeprefix("#")} if {f"#{pointer}", at} & asked else set()
    for pointer, schema in every.items():
        closed = schema.get("additionalProperties") is False
        if closed and pointer not in attributes:
            yield pointer, "it is closed, and its reader has to ignore members that it does not know"
        elif pointer in attributes and not closed:
            yield pointer, "attributes are open, so a misspelt one is not noticed"


def patterns_are_whole(document: Document) -> Iterator[Broken]:
    """A pattern speaks of the whole text: an open one lets through what it was meant to keep out."""
    for path, schema in schemas(document):
        pattern = str(schema.get("pattern", "^$"))
        # What a link begins with depends on the address that the client used.
        beginning = schema.get("format") in ("uri", "uri-reference") or pattern.startswith("^")
        if not beginning or not pattern.endswith("$"):
            yield pointer_of([*path, "pattern"]), f"{pattern} is not bound to the whole text"


def schemas_are_plain(document: Document) -> Iterator[Broken]:
    """Without `nullable`, OpenAPI 3.0 means by a schema what JSON Schema draft 4 means by it."""
    for path, schema in schemas(document):
        if "nullable" in schema:
            yield pointer_of([*path, "nullable"]), "nullable is read in different ways"


def things_have_examples(document: Document) -> Iterator[Broken]:
    """Each media type, parameter and header has examples that say what they show."""
    for path, node in walk(document.data):
        holder = path[-2:-1] == ("content",) or (
            path[:1] == ("components",) and path[1:2] in (("parameters",), ("headers",)) and len(path) == 3
        )
        if not holder or "$ref" in node:
            continue
        examples = node.get("examples")
        if not isinstance(examples, dict) or not examples:
            yield pointer_of(path), "it has no examples"
            continue
        for name, example in examples.items():
            there = _followed(document, example)
            if not there.get("summary") or "value" not in there:
                yield pointer_of([*path, "examples", name]), "the example lacks a summary or a value"


def everything_has_an_origin(document: Document) -> Iterator[Broken]:
    """Where one part says by x-origin where it comes from, every part does, and by x-ruling why."""
    marks = [(path, node) for path, node in walk(document.data) if {"x-origin", "x-ruling"} & set(node)]
    for path, node in marks:
        origin, rulings = node.get("x-origin"), node.get("x-ruling")
        if origin not in ORIGINS:
            yield pointer_of(path), f"x-origin is {origin!r}; there are {', '.join(ORIGINS)}"
        if not isinstance(rulings, list) or not rulings or len(set(map(str, rulings))) != len(rulings):
            yield pointer_of(path), "x-ruling has to be a list of rulings, each once"
    marked = {path for path, _ in marks}
    named = {path for path, _ in components(document, *MARKED)}
    for path, node in walk(document.data) if marked else ():
        part = path in named or path[:-1] == ("tags",) or is_part(path, node)
        if part and path not in marked:
            yield (
                pointer_of(path),
                f"it does not say where it comes from: {', '.join((*FROM_DOCS, 'implied'))}",
            )


def error_codes_are_listed(document: Document) -> Iterator[Broken]:
    """`x-error-codes` maps a keyword of its own schema to a code of the schema ErrorCode."""
    codes_of = _followed(document, {"$ref": "#/components/schemas/ErrorCode"})
    listed = codes_of.get("x-extensible-enum", codes_of.get("enum", []))
    for path, schema in schemas(document):
        codes = schema.get("x-error-codes", {})
        for keyword, code in codes.items() if isinstance(codes, dict) else ():
            at = pointer_of([*path, "x-error-codes", keyword])
            if keyword not in schema:
                yield at, f"the schema has no {keyword} to break"
            if code not in listed:
                yield at, f"{code} is no code of ErrorCode"


RULES: dict[str, Callable[[Document], Iterator[Broken]]] = {
    "house-operation": operations_are_named,
    "house-default-answer": no_answer_is_a_default,
    "house-content": answers_have_content,
    "house-headers": answers_promise_their_headers,
    "house-head": head_is_get_without_content,
    "house-unnamed": parts_are_named,
    "house-unused": components_are_used,
    "house-shared": requests_and_answers_are_apart,
    "house-closed": attributes_are_closed,
    "house-pattern": patterns_are_whole,
    "house-nullable": schemas_are_plain,
    "house-examples": things_have_examples,
    "house-origin": everything_has_an_origin,
    "house-error-codes": error_codes_are_listed,
}
"""Each rule by its slug; the first line of its docstring is what it demands."""
