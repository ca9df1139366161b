"""Rules of paths and operations: names of paths, path parameters, operationIds."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from eqkit.contract.document import Json
from eqkit.contract.kinds import METHODS
from eqkit.contract.loading.repairing.mending import Mender
from eqkit.contract.loading.repairing.notes import Path, quoted
from eqkit.contract.operations import operations_in

_NAMES = re.compile(r"\{([^{}/]+)\}")
_COLON = re.compile(r"(?<=/):([A-Za-z_]\w*)(?=/|$)")
"""A parameter as Express, Rails and others write it."""


def paths(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the path items by paths that begin with a slash and have neither query nor fragment."""
    found: dict[str, Json] = {}
    others: list[tuple[str, str]] = []
    for name, item in node.items():
        real = name if name.startswith("x-") else _path(name, item)
        if real == name:
            found[name] = item
        elif real in found or real in node:
            others.append((name, real))
        else:
            mender.notes.repair("path", (*path, name), f"the path {quoted(name)} is served as {quoted(real)}")
            mender.notes.renamed[*path, real] = (*path, name)
            found[real] = item
    for name, real in others:
        message = f"the path {quoted(name)} is there as {quoted(real)}, too"
        before, item = found[real], node[name]
        is_new = isinstance(before, dict) and isinstance(item, dict) and not before.keys() & item.keys()
        if is_new:
            found[real] = {**before, **item}
            mender.notes.renamed |= {(*path, real, each): (*path, name, each) for each in item}
        message += ": both are served as one" if is_new else ": it is left out"
        mender.notes.repair("path", (*path, name), message)
    return found if others or found.keys() != node.keys() else node


def _path(name: str, item: Json) -> str:
    """Return a path as requests have it."""
    text = name.strip()
    if re.match(r"https?://", text):
        try:
            text = urlsplit(text).path
        except ValueError:
            text = text.partition("://")[2]
    text = re.split(r"[?#]", text, maxsplit=1)[0]
    text = text if text.startswith("/") else f"/{text}"
    if ":" not in text:
        return text
    declared = _names(item)
    return _COLON.sub(lambda found: f"{{{found[1]}}}" if found[1] in declared else found[0], text)


def _names(item: Json) -> set[str]:
    """Return the names of the path parameters that are written out in a path item, which may be anything."""
    holders = [item, *(each for _, each in operations_in(item))]
    listed = [each.get("parameters") for each in holders if isinstance(each, dict)]
    found = (each for several in listed if isinstance(several, list) for each in several)
    return {
        each["name"]
        for each in found
        if isinstance(each, dict) and each.get("in") == "path" and isinstance(each.get("name"), str)
    }


def path_item(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return a path item whose operations stand below methods in lower case."""
    found: dict[str, Json] = {}
    for name, value in node.items():
        lower = name.lower()
        is_method = name not in METHODS and lower in METHODS
        if is_method and (lower in node or lower in found):
            message = f"the method {quoted(name)} is there as `{lower}`, too: it is left out"
            mender.notes.repair("method", (*path, name), message)
        elif is_method:
            mender.notes.repair("method", (*path, name), f"the method {quoted(name)} is read as `{lower}`")
            mender.notes.renamed[*path, lower] = (*path, name)
            found[lower] = value
        else:
            found[name] = value
    return node if found.keys() == node.keys() else found


def templated(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the path items of `paths`, the parameters of each template declared, and no others."""
    changes: dict[str, Json] = {}
    for template, item in node.items():
        if isinstance(item, dict) and "$ref" not in item and not template.startswith("x-"):
            found = _with_declared(mender, item, (*path, template), dict.fromkeys(_NAMES.findall(template)))
            if found is not item:
                changes[template] = found
    return {**node, **changes} if changes else node


def _with_declared(
    mender: Mender, item: dict[str, Any], path: Path, names: dict[str, None]
) -> dict[str, Any]:
    changes: dict[str, Json] = {}
    shared = _known(mender, item, names, path, changes)
    missing: dict[str, None] = {}
    methods = list(operations_in(item))
    for method, operation in methods:
        if not isinstance(operation, dict):
            continue
        own: dict[str, Json] = {}
        way = _member(item, method, operation)
        known = shared | _known(mender, operation, names, (*path, *way), own)
        missing |= {name: None for name in names if name not in known}
        if own:
            above, *below = way
            changes[above] = (
                {**changes.get(above, item[above]), below[0]: {**operation, **own}}
                if below
                else {**operation, **own}
            )
    for name in missing:
        message = f"the path parameter {quoted(name)} is not declared: it is a text"
        mender.notes.repair("parameter-undeclared", path, message)
    if missing:
        made = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in missing
        ]
        changes["parameters"] = [*changes.get("parameters", item.get("parameters", ())), *made]
    return {**item, **changes} if changes else item


def _member(item: dict[str, Any], method: str, operation: Json) -> tuple[str, ...]:
    """Return the way from a path item to an operation of it."""
    return (method.lower(),) if item.get(method.lower()) is operation else ("additionalOperations", method)


def _known(
    mender: Mender, holder: dict[str, Any], names: dict[str, None], path: Path, changes: dict[str, Json]
) -> set[str]:
    """Return the declared path parameters of an object; those of another name are left out, in `changes`."""
    known: set[str] = set()
    listed = holder.get("parameters")
    if not listed:
        return known
    seen: set[tuple[str, str]] = set()
    for index, (name, place) in enumerate(_declared(mender, listed)):
        if (name, place) in seen:
            message = (
                f"the parameter {quoted(name)} in {quoted(place)} is declared twice: the last one counts"
            )
            mender.notes.repair("parameter-twice", (*path, "parameters", str(index)), message)
        seen.add((name, place))
        if place != "path":
            continue
        known.add(name)
        if name not in names:
            message = f"there is no {{{name[:60]}}} in the path: the path parameter is left out"
            mender.notes.repair("parameter-nowhere", (*path, "parameters", str(index)), message)
            changes["parameters"] = [*changes.get("parameters", listed)]
            changes["parameters"][index] = {}
    return known


def _declared(mender: Mender, listed: list[Json]) -> Iterator[tuple[str, str]]:
    """Yield name and place of each parameter of a list; two empty texts for one that is left out."""
    for each in listed:
        found = mender.followed(each) if "$ref" in each else each
        match found:
            case {"name": str(name), "in": str(place)}:
                yield name, place
            case _:
                yield "", ""


def operation(mender: Mender, node: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return an operation with responses; note an operationId that another operation has."""
    if "responses" not in node and not mender.is_since((3, 1)):
        mender.notes.repair(
            "no-responses", path, "there are no `responses`: any answer is served as `default`"
        )
        node = {**node, "responses": {"default": {"description": ""}}}
    if path[:1] != ("paths",) or len(path) > len(("paths", "/", "additionalOperations", "GET")):
        return node
    operation_id = node.get("operationId")
    if operation_id is None:
        mender.nameless[path] = None
    elif operation_id in mender.operation_ids and mender.operation_ids[operation_id] != path:
        message = (
            f"the operationId {quoted(operation_id)} is that of another operation, too: this one is called"
        )
        name = f"{path[-1].upper()} {path[-2]}"
        mender.notes.repair("operation-id", path, f"{message} {quoted(name)}")
    else:
        mender.operation_ids[operation_id] = path
    return node
