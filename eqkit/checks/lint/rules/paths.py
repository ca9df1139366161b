"""Rules of paths, their parameters, and servers."""

import re
from collections.abc import Iterator

from eqkit.checks.findings import Severity
from eqkit.checks.lint.nodes import Node, Nodes
from eqkit.checks.lint.problems import Problem
from eqkit.checks.lint.validity import format_value, nearest
from eqkit.contract.document import pointer_of
from eqkit.contract.kinds import METHODS, Kind

_TEMPLATE = re.compile(r"\{([^{}]*)\}")

_NO_PATH = re.compile(r"""[\x00-\x20"<>\\^`|]""")
"""Characters that stand in no path (RFC 3986 3.3)."""


def variables(template: str) -> list[str]:
    """Return the names between the braces of a template, as often as they stand there."""
    return _TEMPLATE.findall(template)


def paths_of(nodes: Nodes) -> Iterator[str]:
    """Yield each path template of the document that begins as one has to."""
    yield from (path for path in nodes.root.map("paths") if path.startswith("/"))


def templates_are_whole(nodes: Nodes) -> Iterator[Problem]:
    """A path has whole braces, a name between them, each name once, and characters of a path (4.8.8.2)."""
    for path in paths_of(nodes):
        rest = _TEMPLATE.sub("", path)
        names = variables(path)
        if "{" in rest or "}" in rest:
            yield Problem(_at(path), f"{path} has a brace without its other half")
        elif "" in names:
            yield Problem(_at(path), f"{path} has braces without a name between them")
        elif len(set(names)) < len(names):
            yield Problem(_at(path), f"{path} has the same name twice")
        elif found := _NO_PATH.search(rest):
            yield Problem(
                _at(path),
                f"{path} has the character {found[0]!r}, which no path has; write %{ord(found[0]):02X}",
            )


def paths_have_no_query(nodes: Nodes) -> Iterator[Problem]:
    """A path has no query and no fragment: those are parameters (Paths Object: it is appended to a URL)."""
    for path in paths_of(nodes):
        for mark, meaning in (("?", "a query"), ("#", "a fragment")):
            if mark in _TEMPLATE.sub("", path):
                yield Problem(_at(path), f"{path} has {meaning}; declare a parameter in the query")
                break


def paths_differ(nodes: Nodes) -> Iterator[Problem]:
    """Paths that differ in the names of their parameters alone are identical, and must not exist."""
    seen: dict[str, str] = {}
    for path in paths_of(nodes):
        first = seen.setdefault(_TEMPLATE.sub("{}", path), path)
        if first != path:
            yield Problem(_at(path), f"{path} is identical to {first} but for names")


def paths_are_told_apart(nodes: Nodes) -> Iterator[Problem]:
    """Two paths that fit one address, neither of them the more concrete, are matched as each tool likes."""
    methods = {
        path: {each for each in METHODS if each in item}
        for path, item in nodes.root.map("paths").items()
        if isinstance(item, dict)
    }
    by_length: dict[int, list[tuple[str, list[str]]]] = {}
    for path in paths_of(nodes):
        segments = path.split("/")[1:]
        known = by_length.setdefault(len(segments), [])
        for other, others in known:
            if _ambiguous(segments, others) and methods.get(path, set()) & methods.get(other, set()):
                yield Problem(_at(path), f"{path} and {other} fit the same address")
                break
        known.append((path, segments))


def _ambiguous(first: list[str], second: list[str]) -> bool:
    """Return True where each of two templates is the more concrete in some segment, and both can match."""
    sides = {False: 0, True: 0}
    for one, other in zip(first, second, strict=True):
        are_open = bool(_TEMPLATE.fullmatch(one)), bool(_TEMPLATE.fullmatch(other))
        if are_open == (True, True):
            continue
        if are_open == (False, False):
            # Segments such as {a}.json are compared by the characters around the names.
            if _TEMPLATE.sub("{}", one) != _TEMPLATE.sub("{}", other):
                return False
        else:
            sides[are_open[0]] += 1
    return sides[False] > 0 and sides[True] > 0


def parameters_of(nodes: Nodes, operation: Node) -> Iterator[tuple[Node, Node]]:
    """Yield the parameters of an operation and of its path item: as they stand, and followed."""
    own = list(nodes.below(operation, "parameters"))
    names = {(real.text("name"), real.text("in")) for _, real in own}
    yield from own
    item = item_of(operation)
    for there, real in nodes.below(item, "parameters") if item is not None else ():
        if (real.text("name"), real.text("in")) not in names:
            yield there, real


def item_of(operation: Node) -> Node | None:
    """Return the path item of an operation."""
    return operation.parent


def _knows_all_parameters(nodes: Nodes, operation: Node) -> bool:
    """Return True where no parameter of an operation is behind a reference that leads nowhere."""
    item = item_of(operation)
    holders = [operation] if item is None else [operation, item]
    return all(
        len(list(nodes.below(each, "parameters"))) == len(each.items("parameters")) for each in holders
    ) and not any("$ref" in each.value for each in holders)


def path_parameters_are_declared(nodes: Nodes) -> Iterator[Problem]:
    """Each name in the braces of a path is declared as a parameter in the path (4.8.8.2)."""
    for operation in nodes.own_operations:
        path = operation.path[1]
        if not _knows_all_parameters(nodes, operation):
            continue
        declared = {
            real.text("name") for _, real in parameters_of(nodes, operation) if real.text("in") == "path"
        }
        for name in dict.fromkeys(variables(path)):
            if name and name not in declared:
                near = nearest(name, [each for each in declared if each])
                yield Problem(
                    operation.pointer, f'"{name}" of {path} is not declared as a parameter in the path{near}'
                )


def path_parameters_are_in_the_path(nodes: Nodes) -> Iterator[Problem]:
    """A parameter that is in the path has its name in the braces of the path (Parameter Object, `name`)."""
    for holder in (*nodes.own_operations, *nodes.by_kind[Kind.PATH_ITEM]):
        if holder.path[0] != "paths" or len(holder.path) not in (2, 3):
            continue
        names = variables(holder.path[1])
        for there, real in nodes.below(holder, "parameters"):
            name = real.text("name")
            if real.text("in") == "path" and name is not None and name not in names:
                near = nearest(name, names)
                yield Problem(
                    there.pointer, f'the parameter "{name}" is not in the path {holder.path[1]}{near}'
                )


def server_variables_are_defined(nodes: Nodes) -> Iterator[Problem]:
    """Each name in the braces of a server's address is one of its variables (Server Object, `url`)."""
    for server in nodes.of(Kind.SERVER):
        url = server.text("url") or ""
        rest = _TEMPLATE.sub("", url)
        if "{" in rest or "}" in rest:
            yield Problem(server.at("url"), f"{url} has a brace without its other half")
        for name in dict.fromkeys(variables(url)):
            if name not in server.map("variables"):
                near = nearest(name, list(server.map("variables")))
                yield Problem(server.at("url"), f'"{name}" of {url} is not defined in "variables"{near}')


def server_defaults_are_listed(nodes: Nodes) -> Iterator[Problem]:
    """The default of a server's variable is one of its enum: MUST since 3.1, SHOULD in 3.0."""
    grade = None if nodes.version > (3, 0) else Severity.WARNING
    for variable in nodes.of(Kind.SERVER_VARIABLE):
        values = variable.value.get("enum")
        if values == []:
            yield Problem(variable.at("enum"), "the enum is empty, so that no value can be used", grade)
        elif (
            isinstance(values, list)
            and "default" in variable.value
            and variable.value["default"] not in values
        ):
            default = format_value(variable.value["default"])
            yield Problem(
                variable.at("default"),
                f"the default {default} is not in the enum {format_value(values)}",
                grade,
            )


def server_variables_are_used(nodes: Nodes) -> Iterator[Problem]:
    """A variable that the address of its server does not name changes nothing."""
    for server in nodes.of(Kind.SERVER):
        used = variables(server.text("url") or "")
        for name in server.map("variables"):
            if name not in used:
                yield Problem(
                    server.at("variables", name), f'"{name}" is not in the address {server.text("url")}'
                )


def servers_end_without_slash(nodes: Nodes) -> Iterator[Problem]:
    """Paths are appended to a server's address: a slash at its end makes two, a query swallows them."""
    for server in nodes.of(Kind.SERVER):
        url = server.text("url") or ""
        if url.endswith("/") and url != "/":
            yield Problem(server.at("url"), f"{url} ends with a slash, and each path begins with one")
        for mark, meaning in (("?", "a query"), ("#", "a fragment")):
            if mark in url:
                yield Problem(server.at("url"), f"{url} has {meaning}, which paths can't be appended to")


def _at(path: str) -> str:
    return pointer_of(["paths", path])


CORE = {
    "lint-path-template": templates_are_whole,
    "lint-path-query": paths_have_no_query,
    "lint-path-identical": paths_differ,
    "lint-path-parameter-undeclared": path_parameters_are_declared,
    "lint-path-parameter-unknown": path_parameters_are_in_the_path,
    "lint-server-variable": server_variables_are_defined,
    "lint-server-default": server_defaults_are_listed,
}
RECOMMENDED = {
    "lint-path-ambiguous": paths_are_told_apart,
    "lint-server-variable-unused": server_variables_are_used,
    "lint-server-url": servers_end_without_slash,
}
