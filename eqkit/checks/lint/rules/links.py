"""Rules of links, callbacks and discriminators, and of the things that they name."""

import re
from collections.abc import Iterator

from eqkit.checks.lint.nodes import Node, Nodes
from eqkit.checks.lint.problems import Problem
from eqkit.checks.lint.rules.paths import parameters_of
from eqkit.checks.lint.rules.references import mapped
from eqkit.checks.lint.rules.shapes import parts, properties_of
from eqkit.checks.lint.validity import nearest
from eqkit.contract.document import Json
from eqkit.contract.kinds import Kind

_EXPRESSION = re.compile(
    r"\$(?:url|method|statusCode|(?:request|response)\."
    r"(?:header\.[!#$%&'*+.^_`|~0-9A-Za-z-]+|query\..+|path\..+|body(?:#(?:/(?:[^~/]|~[01])*)*)?))"
)
"""A runtime expression (OpenAPI 3.0.3, "Runtime Expressions")."""
_EMBEDDED = re.compile(r"\{([^{}]*)\}")
_FORM = (
    "$url, $method, $statusCode, or $request. or $response. "
    "and header.NAME, query.NAME, path.NAME or body#/POINTER"
)


def links_lead_to_operations(nodes: Nodes) -> Iterator[Problem]:
    """A link names an operation that there is, by its operationId or by a reference (Link Object)."""
    known = {operation.text("operationId") for operation in nodes.operations} - {None}
    for link in nodes.of(Kind.LINK):
        name, reference = link.text("operationId"), link.text("operationRef")
        if name is not None and name not in known:
            yield Problem(
                link.at("operationId"),
                f"there is no operation {name}{nearest(name, sorted(map(str, known)))}",
            )
        if reference is not None and reference.startswith("#") and _operation_at(nodes, reference) is None:
            yield Problem(link.at("operationRef"), f"{reference} leads to no operation")
        if name is None and reference is None and nodes.version == (3, 0):
            yield Problem(link.pointer, "the link names no operation: operationId or operationRef is missing")


def links_have_known_parameters(nodes: Nodes) -> Iterator[Problem]:
    """A link fills parameters that its operation has (Link Object, `parameters`)."""
    by_id = {operation.text("operationId"): operation for operation in nodes.operations}
    for link in nodes.of(Kind.LINK):
        operation = by_id.get(link.text("operationId")) if "operationId" in link.value else None
        if "operationRef" in link.value:
            operation = _operation_at(nodes, str(link.value["operationRef"]))
        if operation is None or operation.parent is None or "$ref" in operation.parent.value:
            continue
        known = [(real.text("name"), real.text("in")) for _, real in parameters_of(nodes, operation)]
        names = {name for name, _ in known} | {f"{place}.{name}" for name, place in known}
        for name in link.map("parameters"):
            if name not in names:
                near = nearest(name, [str(each) for each in names])
                yield Problem(link.at("parameters", name), f'the operation has no parameter "{name}"{near}')


def link_expressions_can_be_read(nodes: Nodes) -> Iterator[Problem]:
    """A text in a link that begins with a dollar is a runtime expression, and can be read as one."""
    for link in nodes.of(Kind.LINK):
        values: list[tuple[str, Json]] = [
            (link.at("parameters", name), value) for name, value in link.map("parameters").items()
        ]
        values.append((link.at("requestBody"), link.value.get("requestBody")))
        for at, value in values:
            for wrong in _wrong_expressions(value):
                yield Problem(at, f"{wrong} is no runtime expression: {_FORM}")


def _wrong_expressions(value: Json) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("$"):
        if not _EXPRESSION.fullmatch(value):
            yield value
    elif isinstance(value, str):
        yield from (
            each for each in _EMBEDDED.findall(value) if each[:1] == "$" and not _EXPRESSION.fullmatch(each)
        )
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _wrong_expressions(each)


def callback_expressions_can_be_read(nodes: Nodes) -> Iterator[Problem]:
    """The key of a callback is a runtime expression, or a text with some in braces (Callback Object)."""
    for callback in nodes.of(Kind.CALLBACK):
        for key in callback.value:
            if key.startswith("x-") or key == "$ref":
                continue
            for each in [key] if key.startswith("$") else _EMBEDDED.findall(key):
                if not _EXPRESSION.fullmatch(each):
                    yield Problem(callback.at(key), f"{each} is no runtime expression: {_FORM}")
            rest = _EMBEDDED.sub("", key)
            if "{" in rest or "}" in rest:
                yield Problem(callback.at(key), f"{key} has a brace without its other half")


def _operation_at(nodes: Nodes, reference: str) -> Node | None:
    target = nodes.target(reference)
    node = nodes.node(target) if target is not None else None
    return node if node is not None and node.kind is Kind.OPERATION else None


def discriminators_lead_to_schemas(nodes: Nodes) -> Iterator[Problem]:
    """A value in a discriminator's mapping names a schema that there is (Discriminator Object)."""
    known = list(nodes.node_map(("components", "schemas")))
    for node in nodes.of(Kind.DISCRIMINATOR):
        values = [(node.at("mapping", name), value) for name, value in node.map("mapping").items()]
        values += (
            [(node.at("defaultMapping"), node.value["defaultMapping"])]
            if "defaultMapping" in node.value
            else []
        )
        for at, value in values:
            is_elsewhere = (
                isinstance(value, str) and value[:1] != "#" and re.search(r"[/#:]|\.(?:ya?ml|json)$", value)
            )
            if isinstance(value, str) and not is_elsewhere and mapped(nodes, value) is None:
                near = nearest(value.rpartition("/")[2], known)
                yield Problem(at, f"there is no schema {value}{near}")


def discriminators_are_required(nodes: Nodes) -> Iterator[Problem]:
    """The property that a discriminator reads is required in each alternative, which it tells apart."""
    for node in nodes.of(Kind.DISCRIMINATOR):
        name, schema = node.text("propertyName"), node.parent
        if name is None or schema is None:
            continue
        around = parts(nodes, schema)
        alternatives = [
            there
            for keyword in ("oneOf", "anyOf")
            for there, _ in nodes.below(schema, keyword, followed=False)
        ]
        if any(name in part.texts("required") for part in around):
            continue
        for each in alternatives or [schema]:
            made_of = parts(nodes, each)
            known, is_whole = properties_of(nodes, each)
            if is_whole and not any(name in part.texts("required") for part in made_of):
                state = "does not require" if name in known else "does not have"
                yield Problem(
                    node.at("propertyName"),
                    f'{_called(each)} {state} the property "{name}" that tells alternatives apart',
                )


def _called(schema: Node) -> str:
    if schema.reference is not None:
        return schema.reference.rpartition("/")[2]
    return schema.path[-1] if schema.path[:2] == ("components", "schemas") else schema.pointer


def discriminators_choose_between_schemas(nodes: Nodes) -> Iterator[Problem]:
    """A discriminator chooses between named schemas: inline ones are not considered."""
    parents = {
        target for node, _, target in nodes.references if node.kind is Kind.SCHEMA and "allOf" in node.path
    }
    for node in nodes.of(Kind.DISCRIMINATOR):
        schema = node.parent
        if schema is None:
            continue
        for keyword in ("oneOf", "anyOf"):
            for there, _ in nodes.below(schema, keyword, followed=False):
                if there.reference is None:
                    yield Problem(
                        there.pointer,
                        "the discriminator can't choose a schema without a name; make it a component",
                    )
        has_choice = any(schema.items(keyword) for keyword in ("oneOf", "anyOf", "allOf"))
        if not has_choice and schema.path not in parents and not node.map("mapping"):
            yield Problem(
                node.pointer, "there is nothing to choose from: no oneOf, no anyOf, and no allOf refers to it"
            )


CORE = {
    "lint-link-operation": links_lead_to_operations,
    "lint-callback-expression": callback_expressions_can_be_read,
    "lint-discriminator-mapping": discriminators_lead_to_schemas,
}
RECOMMENDED = {
    "lint-link-parameter": links_have_known_parameters,
    "lint-link-expression": link_expressions_can_be_read,
    "lint-discriminator-property": discriminators_are_required,
    "lint-discriminator-choice": discriminators_choose_between_schemas,
}
