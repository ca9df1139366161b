"""Rules of operations: their names, tags, security, bodies and responses."""

from collections.abc import Iterator

from eqkit.checks.findings import Severity
from eqkit.checks.lint.nodes import Node, Nodes, method, path_of
from eqkit.checks.lint.problems import Problem
from eqkit.checks.lint.rules.paths import parameters_of
from eqkit.checks.lint.validity import nearest
from eqkit.contract.kinds import Kind

_BODILESS = ("get", "head", "delete", "trace")
"""Methods whose request content has no meaning (RFC 9110 9.3), so that OpenAPI ignores or discourages it."""


def operation_ids_differ(nodes: Nodes) -> Iterator[Problem]:
    """An operationId names one operation of the whole document (Operation Object)."""
    seen: dict[str, Node] = {}
    for operation in nodes.operations:
        name = operation.text("operationId")
        if name is not None and (first := seen.setdefault(name, operation)) is not operation:
            where = f"{method(first).upper()} {path_of(first)}"
            yield Problem(operation.at("operationId"), f"{where} is called {name}, too")


def tags_differ(nodes: Nodes) -> Iterator[Problem]:
    """Each name in the list of tags stands there once (OpenAPI Object, `tags`)."""
    seen: set[str] = set()
    for tag in nodes.of(Kind.TAG):
        name = tag.text("name")
        if name is not None and name in seen:
            yield Problem(tag.at("name"), f'the tag "{name}" is defined twice')
        seen.add(name or "")


def parents_of_tags_exist(nodes: Nodes) -> Iterator[Problem]:
    """The parent of a tag is a tag of the document, and no tag is below itself (Tag Object of 3.2)."""
    parents = {str(tag.value.get("name")): tag.text("parent") for tag in nodes.of(Kind.TAG)}
    for tag in nodes.of(Kind.TAG):
        parent = tag.text("parent")
        if parent is None:
            continue
        if parent not in parents:
            yield Problem(tag.at("parent"), f'there is no tag "{parent}"{nearest(parent, list(parents))}')
            continue
        seen: set[str] = set()
        above: str | None = parent
        while above is not None and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if tag.text("name") in seen:
            yield Problem(tag.at("parent"), "the tag is below itself")


def tags_are_defined(nodes: Nodes) -> Iterator[Problem]:
    """In a document that lists its tags, each tag of an operation is in the list, and named there once."""
    listed = {str(tag.value.get("name")) for tag in nodes.of(Kind.TAG)}
    for operation in nodes.operations:
        names = operation.texts("tags")
        for index, name in enumerate(names):
            if listed and name not in listed:
                near = nearest(name, sorted(listed))
                yield Problem(
                    operation.at("tags", index), f'the tag "{name}" is not in the list of tags{near}'
                )
            elif name in names[:index]:
                yield Problem(operation.at("tags", index), f'the tag "{name}" stands here twice')


def _requirements(nodes: Nodes) -> Iterator[tuple[str, str, object]]:
    """Yield each requirement of security: its pointer, the name of the scheme, the scopes."""
    for holder in (nodes.root, *nodes.operations):
        for index, requirement in enumerate(holder.items("security")):
            for name, scopes in requirement.items() if isinstance(requirement, dict) else ():
                yield holder.at("security", index, name), name, scopes


def security_schemes_are_defined(nodes: Nodes) -> Iterator[Problem]:
    """A requirement names a security scheme of the components (Security Requirement Object)."""
    known = list(nodes.node_map(("components", "securitySchemes")))
    for at, name, _ in _requirements(nodes):
        # Since 3.2, the name may be the URI of a scheme.
        is_uri = nodes.version >= (3, 2) and ("/" in name or "#" in name)
        if name not in known and not is_uri:
            yield Problem(at, f'there is no security scheme "{name}"{nearest(name, known)}')


def scopes_are_offered(nodes: Nodes) -> Iterator[Problem]:
    """A scope that is asked for is offered by a flow of its scheme; in 3.0 keys and HTTP have none."""
    for at, name, scopes in _requirements(nodes):
        there = nodes.node(("components", "securitySchemes", name))
        scheme = nodes.followed(there) if there is not None else None
        if scheme is None or not isinstance(scopes, list):
            continue
        kind = scheme.text("type")
        if kind == "oauth2" and scheme.map("flows"):
            flows = [each for each in scheme.map("flows").values() if isinstance(each, dict)]
            offers = [flow["scopes"] for flow in flows if isinstance(flow.get("scopes"), dict)]
            offered = [scope for each in offers for scope in each if isinstance(scope, str)]
            for scope in scopes:
                if isinstance(scope, str) and scope not in offered:
                    yield Problem(
                        at, f'no flow of {name} offers the scope "{scope}"{nearest(scope, offered)}'
                    )
        elif kind in ("apiKey", "http") and scopes and nodes.version == (3, 0):
            message = f'the list has to be empty, as {name} is of the type "{kind}"'
            yield Problem(at, message, Severity.ERROR)


def get_has_no_body(nodes: Nodes) -> Iterator[Problem]:
    """GET, HEAD, DELETE and TRACE give a request body no meaning: 3.0 ignores it, 3.1 advises against it."""
    for operation in nodes.operations:
        if method(operation) in _BODILESS and "requestBody" in operation.value:
            name = method(operation).upper()
            yield Problem(
                operation.at("requestBody"), f"{name} has a request body, which servers and proxies may drop"
            )


def operations_can_succeed(nodes: Nodes) -> Iterator[Problem]:
    """Responses have one for success at least (Responses Object: SHOULD)."""
    for operation in nodes.operations:
        statuses = operation.map("responses")
        named = [each for each in statuses if not each.startswith("x-")]
        if named and not any(each == "default" or each[:1] in "123" for each in named):
            yield Problem(
                operation.at("responses"), f"there is no response for success, only {', '.join(named)}"
            )


def bare_responses_have_no_content(nodes: Nodes) -> Iterator[Problem]:
    """A response to HEAD, and one of 1XX, 204, 205 or 304, has no content (RFC 9110 6.4.1)."""
    for responses in nodes.by_kind[Kind.RESPONSES]:
        operation = responses.parent
        is_head = operation is not None and operation.path[-1] == "head"
        for status in responses.value:
            there = nodes.node((*responses.path, status))
            response = nodes.followed(there) if there is not None else None
            is_bare = is_head or status in ("204", "205", "304") or status[:1] == "1"
            if there is not None and response is not None and is_bare and response.map("content"):
                whom = "a response to HEAD" if is_head else status
                yield Problem(
                    there.pointer, f"{whom} can't have content, and has {', '.join(response.map('content'))}"
                )


def parameters_differ(nodes: Nodes) -> Iterator[Problem]:
    """A list of parameters has each name once for each place; names of headers are the same in any case."""
    for holder in (*nodes.by_kind[Kind.PATH_ITEM], *nodes.operations):
        seen: set[tuple[str, str]] = set()
        for there, real in nodes.below(holder, "parameters"):
            name, place = real.text("name"), real.text("in")
            if name is None or place is None:
                continue
            key = (name.casefold() if place == "header" else name, place)
            if key in seen:
                yield Problem(there.pointer, f'the parameter "{name}" in the {place} stands here twice')
            seen.add(key)


def query_strings_stand_alone(nodes: Nodes) -> Iterator[Problem]:
    """A parameter that is the whole query string leaves no room for parameters in the query (3.2)."""
    for operation in nodes.operations:
        places = [real.text("in") for _, real in parameters_of(nodes, operation)]
        count = places.count("querystring")
        if count > 1 or (count == 1 and "query" in places):
            yield Problem(
                operation.pointer, "a parameter is the whole query string, and another is in it, too"
            )


CORE = {
    "lint-operation-id": operation_ids_differ,
    "lint-tag-duplicate": tags_differ,
    "lint-tag-parent": parents_of_tags_exist,
    "lint-security-undefined": security_schemes_are_defined,
    "lint-parameter-duplicate": parameters_differ,
    "lint-query-string": query_strings_stand_alone,
}
RECOMMENDED = {
    "lint-tag-undefined": tags_are_defined,
    "lint-security-scope": scopes_are_offered,
    "lint-request-body": get_has_no_body,
    "lint-success": operations_can_succeed,
    "lint-bare-response": bare_responses_have_no_content,
}
