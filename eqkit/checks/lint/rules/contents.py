"""Rules of parameters, headers, media types, encodings and examples."""

import re
from collections.abc import Iterator

from eqkit.checks.lint.nodes import Node, Nodes
from eqkit.checks.lint.problems import Problem
from eqkit.checks.lint.rules.shapes import properties_of, types_of
from eqkit.checks.lint.validity import nearest
from eqkit.contract.document import pointer_of
from eqkit.contract.kinds import OLDEST, Kind

_TCHARS = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = re.compile(
    rf"(?:\*/\*|{_TCHARS}/{_TCHARS})(?:[ \t]*;[ \t]*{_TCHARS}=(?:{_TCHARS}|\"(?:[^\"\\]|\\.)*\"))*[ \t]*"
)
_HEADER_NAME = re.compile(_TCHARS)
_COMPONENT_NAME = re.compile(r"[a-zA-Z0-9._-]+")
_IGNORED = {
    "accept": "the media types of the responses",
    "content-type": "the media types of the request body",
    "authorization": "a security scheme",
}
_FORMS = ("multipart/", "application/x-www-form-urlencoded")
_STYLED = {
    "spaceDelimited": "an array or an object",
    "pipeDelimited": "an array or an object",
    "deepObject": "an object",
}


def component_names_are_plain(nodes: Nodes) -> Iterator[Problem]:
    """Names of components are made of letters, digits, dots, dashes and underscores (Components Object)."""
    for kind, named in nodes.root.map("components").items():
        for name in named if isinstance(named, dict) and not kind.startswith("x-") else ():
            if not _COMPONENT_NAME.fullmatch(name) and name != "$ref":
                message = f'"{name}" has other characters than letters, digits, ".", "-" and "_"'
                yield Problem(pointer_of(["components", kind, name]), message)


def media_types_are_whole(nodes: Nodes) -> Iterator[Problem]:
    """The key of a content is a media type or a range of them: application/json, text/* (RFC 9110 8.3.1)."""
    for node in nodes.by_kind[Kind.MEDIA_TYPE]:
        if node.path[-2:-1] == ("content",) and not _MEDIA_TYPE.fullmatch(node.path[-1]):
            yield Problem(node.pointer, f'"{node.path[-1]}" is no media type; one is application/json, say')
    for node in nodes.by_kind[Kind.ENCODING]:
        stated = node.text("contentType")
        for each in (stated or "").split(",") if stated is not None else ():
            if not _MEDIA_TYPE.fullmatch(each.strip()):
                yield Problem(node.at("contentType"), f'"{each.strip()}" is no media type')


def header_names_are_tokens(nodes: Nodes) -> Iterator[Problem]:
    """The name of a header has no spaces and no separators (RFC 9110 5.1), and stands once in a response."""
    for node in nodes.of(Kind.PARAMETER):
        name = node.text("name")
        if node.text("in") == "header" and name is not None and not _HEADER_NAME.fullmatch(name):
            yield Problem(node.at("name"), f'"{name}" is no name of a header')
    seen: dict[tuple[str, ...], str] = {}
    for node in nodes.by_kind[Kind.HEADER]:
        if node.path[:2] == ("components", "headers") and len(node.path) == 3:
            continue  # the name of a component, which is another thing
        name = node.path[-1]
        first = seen.setdefault((*node.path[:-1], name.casefold()), name)
        if not _HEADER_NAME.fullmatch(name):
            yield Problem(node.pointer, f'"{name}" is no name of a header')
        elif first != name:
            yield Problem(node.pointer, f"{name} is one header with {first}")


def headers_are_not_ignored(nodes: Nodes) -> Iterator[Problem]:
    """Accept, Content-Type and Authorization as parameters, and Content-Type of a response, are ignored."""
    for node in nodes.of(Kind.PARAMETER):
        name = node.text("name") or ""
        if node.text("in") == "header" and name.casefold() in _IGNORED:
            meant = _IGNORED[name.casefold()]
            yield Problem(node.at("name"), f"the header {name} is ignored here; it follows from {meant}")
    for node in nodes.by_kind[Kind.HEADER]:
        is_component = node.path[0] == "components" and len(node.path) == 3
        if not is_component and node.path[-1].casefold() == "content-type":
            message = f"the header {node.path[-1]} is ignored here; it follows from the content"
            yield Problem(node.pointer, message)


def styles_fit_types(nodes: Nodes) -> Iterator[Problem]:
    """SpaceDelimited and pipeDelimited are for arrays and objects, deepObject for objects (Style Values)."""
    for node in nodes.of(Kind.PARAMETER):
        style = node.text("style") or ""
        schema = nodes.one(node, "schema")
        types = types_of(nodes, schema) if schema is not None else set()
        allowed = {"object"} if style == "deepObject" else {"array", "object"}
        if style in _STYLED and types and not types & allowed:
            yield Problem(
                node.at("style"),
                f"{style} is for {_STYLED[style]}, and its schema is {' or '.join(sorted(types))}",
            )


def members_of_the_query_stay_there(nodes: Nodes) -> Iterator[Problem]:
    """`allowEmptyValue` and `allowReserved` are for parameters in the query (Parameter Object)."""
    for node in nodes.of(Kind.PARAMETER) if nodes.version == OLDEST else ():
        for name in ("allowEmptyValue", "allowReserved"):
            if node.value.get(name) is True and node.text("in") in ("path", "header", "cookie"):
                yield Problem(
                    node.at(name),
                    f'"{name}" is for the query, and this parameter is in the {node.text("in")}',
                )


def encodings_are_of_properties(nodes: Nodes) -> Iterator[Problem]:
    """The key of an encoding is a property of the schema of its form (Media Type Object, `encoding`)."""
    for node in nodes.of(Kind.MEDIA_TYPE):
        names = node.map("encoding")
        if not names:
            continue
        media_type = node.path[-1].casefold()
        if not media_type.startswith(_FORMS) and "/" in media_type:
            yield Problem(node.at("encoding"), f"it applies to forms alone, and {node.path[-1]} is none")
            continue
        schema = nodes.one(node, "schema")
        known, is_whole = properties_of(nodes, schema) if schema is not None else (set[str](), False)
        for name in names if is_whole else ():
            if name not in known:
                yield Problem(
                    node.at("encoding", name),
                    f'the schema has no property "{name}"{nearest(name, sorted(known))}',
                )


def examples_have_one_value(nodes: Nodes) -> Iterator[Problem]:
    """An example has a value or the address of one, and not both (Example Object)."""
    for node in nodes.of(Kind.EXAMPLE):
        names = [
            name for name in ("value", "externalValue", "dataValue", "serializedValue") if name in node.value
        ]
        is_pair = names == ["externalValue", "dataValue"] or names == ["dataValue", "serializedValue"]
        if len(names) > 1 and not is_pair and nodes.version == (3, 0):
            yield Problem(node.pointer, f"{' and '.join(names)} exclude each other")


def holders_have_one_kind_of_example(nodes: Nodes) -> Iterator[Problem]:
    """`example` and `examples` exclude each other (Media Type Object, Parameter Object)."""
    for node in nodes.of(Kind.MEDIA_TYPE, Kind.PARAMETER, Kind.HEADER):
        # In 3.0 the schema of the version says so (`lint-invalid`).
        if nodes.version != (3, 0) and "example" in node.value and "examples" in node.value:
            yield Problem(node.at("examples"), '"example" and "examples" exclude each other')


def name_of(node: Node) -> str:
    """Return the name of a parameter or header."""
    return node.text("name") or node.path[-1]


CORE = {
    "lint-component-name": component_names_are_plain,
    "lint-media-type": media_types_are_whole,
    "lint-header-name": header_names_are_tokens,
    "lint-query-only": members_of_the_query_stay_there,
    "lint-encoding": encodings_are_of_properties,
    "lint-example-values": examples_have_one_value,
    "lint-one-example": holders_have_one_kind_of_example,
}
RECOMMENDED = {
    "lint-header-ignored": headers_are_not_ignored,
    "lint-parameter-style": styles_fit_types,
}
