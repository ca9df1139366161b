"""Rules of parameters, headers, bodies and responses: each beyond the types of its members."""

import re
from typing import Any

from eqkit.contract.document import Json
from eqkit.contract.kinds import EVERY, Kind
from eqkit.contract.loading.repairing.mending import Mender
from eqkit.contract.loading.repairing.notes import Path, quoted

PLACES = ("query", "path", "header", "cookie", "querystring")
"""The places of parameters (OpenAPI 3.2, "Parameter Object")."""

_OF_SWAGGER = {"body": "`requestBody` has taken its place", "formData": "`requestBody` has taken its place"}

_OF_SCHEMAS = frozenset((
    "type", "format", "enum", "items", "default", "minimum", "maximum", "pattern", "minLength", "maxLength",
    "minItems", "maxItems", "uniqueItems", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
))  # fmt: skip
"""Keywords that a parameter of Swagger 2.0 has itself."""

_STATUS = re.compile(r"[1-5][0-9][0-9]|[1-5]XX|default")


def parameter(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a parameter with name, place and schema; one that cannot be meant is left out."""
    if not node:
        return node
    name, place = node.get("name"), node.get("in")
    if place in _OF_SWAGGER:
        message = f"a parameter in {quoted(place)} is Swagger 2.0's, and {_OF_SWAGGER[place]}: it is left out"
        mender.notes.repair("parameter-in", path, message)
        return {}
    if name is None:
        mender.notes.repair("parameter-name", path, "a parameter has no `name`: it is left out")
        return {}
    if place not in PLACES:
        found = "no `in`" if place is None else f"the unknown `in` {quoted(place)}"
        lower = str(place).lower()
        place = lower if lower in PLACES else "path" if f"{{{name}}}" in _template(path) else "query"
        message = f"the parameter {quoted(name)} has {found}: it is read from the {place}"
        mender.notes.repair("parameter-in", path, message)
        node = {**node, "in": place}
    if place == "path" and node.get("required") is not True:
        message = f"the path parameter {quoted(name)} does not say `required: true`: it is required"
        mender.notes.repair("parameter-required", path, message)
        node = {**node, "required": True}
    return _with_schema(mender, node, path, f"the parameter {quoted(name)}")


def header(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a header with a schema."""
    return _with_schema(mender, node, path, f"the header {quoted(path[-1])}") if node else node


def _with_schema(mender: Mender, node: dict[str, Any], path: Path, name: str) -> dict[str, Any]:
    if "schema" in node or node.get("content"):
        return node
    schema = {keyword: value for keyword, value in node.items() if keyword in _OF_SCHEMAS}
    if schema:
        listed = ", ".join(f"`{keyword}`" for keyword in schema)
        mender.notes.repair(
            "no-schema", path, f"{name} has no `schema`: {listed} beside it are taken for one"
        )
        return {**node, "schema": schema}
    mender.notes.repair("no-schema", path, f"{name} has no `schema`: any text is valid")
    return node


def _template(path: Path) -> str:
    """Return the template of the path that an object stands below; "" outside of `paths`."""
    return path[1] if path[:1] == ("paths",) and len(path) > 1 else ""


def examples(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return an object whose `examples` are objects by name; lists and bare values become such."""
    found = node.get("examples")
    if not isinstance(found, list) or not found:
        return node
    at = (*path, "examples")
    mender.notes.repair(
        "examples", at, "`examples` must be an object, and is an array: its items are named 1, 2 …"
    )
    return {**node, "examples": {str(count): {"value": each} for count, each in enumerate(found, 1)}}


def example(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return an example as an Example Object; an object that has none of its members is the value itself."""
    if not node or any(name in EVERY[Kind.EXAMPLE] or name.startswith("x-") for name in node):
        return node
    mender.notes.repair(
        "examples", path, f"the example {quoted(path[-1])} has no `value`: it is read as the value"
    )
    return {"value": node}


def bare_example(mender: Mender, value: Json, path: Path) -> Json:
    """Return a value that stands in the place of an Example Object as one."""
    mender.notes.repair(
        "examples", path, f"the example {quoted(path[-1])} is no object: it is read as the value"
    )
    return {"value": value}


def request_body(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Note a body of which nothing is said."""
    if "content" not in node:
        mender.notes.repair("no-content", path, "`requestBody` has no `content`: any body is valid")
    return node


def response(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Note a response without a description, which every one must have (OpenAPI 3.0.4)."""
    if "description" not in node and not mender.is_since((3, 2)):
        mender.notes.repair(
            "no-description",
            path,
            f"the response {quoted(path[-1])} has no `description`: it is served without",
        )
    return node


def bare_response(mender: Mender, value: Json, path: Path) -> Json:
    """Return a text that stands in the place of a response as its description."""
    if not isinstance(value, str):
        return None
    mender.notes.repair(
        "type", path, f"the response {quoted(path[-1])} is a text: it is read as its `description`"
    )
    return {"description": value}


def responses(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return responses whose names are statuses, ranges of them, and ``default``."""
    found: dict[str, Json] = {}
    for name, value in node.items():
        status = name if name.startswith("x-") or _STATUS.fullmatch(name) else _status(name)
        if status is None:
            message = f"{quoted(name)} is no status such as 404, no range such as 4XX and not `default`"
            mender.notes.repair("status", (*path, name), f"{message}: it is left out")
        elif status != name and (status in node or status in found):
            message = f"the response {quoted(name)} is there as {status}, too: it is left out"
            mender.notes.repair("status", (*path, name), message)
        else:
            if status != name:
                mender.notes.repair(
                    "status", (*path, name), f"the response {quoted(name)} is read as {status}"
                )
                mender.notes.renamed[*path, status] = (*path, name)
            found[status] = value
    if not any(not name.startswith("x-") for name in found):
        mender.notes.repair("no-responses", path, "there are no responses: any answer is served as `default`")
        found["default"] = {"description": ""}
    return node if found.keys() == node.keys() else found


def _status(name: str) -> str | None:
    """Return the status that a name is surely meant for."""
    text = name.strip()
    upper = text.upper()
    for candidate in (text, upper, upper.replace("*", "X"), text.lower()):
        if _STATUS.fullmatch(candidate):
            return candidate
    return None
