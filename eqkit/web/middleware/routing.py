"""From a path and a method to an operation: a tree that is built once, concrete segments before templates."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from eqkit.contract.operations import Contract, Operation
from eqkit.contract.paths import normal_path
from eqkit.errors import Code, api_error
from eqkit.web.connexion import AbstractRoutingAPI, SpecMiddleware
from eqkit.web.messages.context import Receive, RequestContext, Scope, Send
from eqkit.web.messages.memo import Memo
from eqkit.web.middleware.base import Handler, Middleware, context_of
from eqkit.web.middleware.without_operation import (
    KEPT_PATHS,
    LONGEST_KEPT,
    answer_page,
    method_not_allowed,
    preflight,
)
from eqkit.web.pages import Page

Bound = tuple[Operation, Handler]
"""An operation, and the first of the handlers that answer it."""


class Node:
    """One place in the tree of paths."""

    __slots__ = ("allow", "children", "operations", "parameter", "template")

    def __init__(self) -> None:
        """Begin as a place that nothing is at."""
        self.children: dict[str, Node] = {}
        self.parameter = ""
        self.template: Node | None = None
        self.operations: dict[str, Bound] = {}
        self.allow = b""

    def add(self, segments: list[str], method: str, operation: Bound) -> None:
        """Put an operation at a path."""
        if not segments:
            self.operations[method] = operation
            # Where GET is, HEAD is (RFC 9110 9.1), whether a document names it or not.
            methods = dict.fromkeys(each for one in self.operations for each in _with_head(one))
            self.allow = ", ".join([*methods, "OPTIONS"]).encode()
            return
        segment, *rest = segments
        if segment.startswith("{"):
            self.parameter = segment[1:-1]
            self.template = self.template or Node()
            self.template.add(rest, method, operation)
        else:
            self.children.setdefault(segment, Node()).add(rest, method, operation)

    def find(self, path: str) -> "tuple[Node, Mapping[str, str]] | None":
        """Return the place that a path names, and its parameters; None if there is nothing."""
        node, parameters = self, dict[str, str]()
        for segment in path.split("/")[1:]:
            child = node.children.get(segment)
            if child is None:
                child = node.template
                if child is None:
                    return None
                parameters[node.parameter] = unquote(segment) if "%" in segment else segment
            node = child
        return (node, parameters) if node.operations else None


class Routes(AbstractRoutingAPI[Bound]):
    """The routes of one specification, added through Connexion's own loading."""

    def __init__(
        self, *args: Any, contract: Contract, handlers: dict[str, Handler], tree: Node, **kwargs: Any
    ) -> None:
        """Add every operation of the specification to the tree."""
        self._contract = contract
        self._handlers = handlers
        self._tree = tree
        super().__init__(*args, **kwargs)

    def make_operation(self, operation: Any) -> Bound:
        """Return the contract's view of an operation, bound to its first handler."""
        known = self._contract.operations[operation.operation_id]
        return known, self._handlers[known.id]

    @staticmethod
    def _framework_path_and_name(operation: Any, path: str) -> tuple[str, str]:
        return path, path

    def _add_operation_internal(
        self, method: str, path: str, operation: Bound, name: str | None = None
    ) -> None:
        self._tree.add(f"{self.base_path}{path}".split("/")[1:], method.upper(), operation)


class Routing(SpecMiddleware):
    """Finds the operation, or answers 404, 405, OPTIONS, and the pages that are no part of the contract."""

    def __init__(
        self,
        app: Middleware,
        *,
        pages: Mapping[str, Page],
        read_alias: tuple[str, str] = ("", ""),
        nothing_else: str = "",
    ) -> None:
        """Take pages by path, and a spelling of a prefix that is answered on reading, too (ruling D3).

        `nothing_else` is a sentence that a 404 goes on with.
        """
        self._app = app
        self._pages = pages
        self._alias, self._canonical = read_alias
        self._nothing_else = f" {nothing_else}" if nothing_else else ""
        self._tree = Node()
        self._found: Memo[str, tuple[Node, Mapping[str, str]]] = Memo(KEPT_PATHS)

    def add_api(self, specification: Any, base_path: str | None = None, **kwargs: Any) -> None:
        """Add the operations of a specification."""
        Routes(specification, base_path=base_path, handlers=self._app.handlers, tree=self._tree, **kwargs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = context_of(scope)
        # The raw path, since an escaped slash belongs to its segment.
        path = scope["raw_path"].decode("latin-1") if "raw_path" in scope else scope["path"]
        found = self._found.get(path)
        if found is None:
            if "%" in path:
                path = normal_path(path)
            page = self._pages.get(path)
            if page is not None:
                context.response = answer_page(page, context)
                return
            found = self._find(path)
            if found is None:
                message = f"There is nothing at {scope['path'][:200]}.{self._nothing_else}"
                raise api_error(Code.PATH_NOT_FOUND, message)
        node, context.parameters = found
        bound = node.operations.get(context.method)
        if bound is None and context.method == "HEAD":
            bound = node.operations.get("GET")
        if bound is None:
            _answer_no_operation(context, node)
            return
        context.operation, handler = bound
        context.response = await handler(context)

    def _find(self, path: str) -> tuple[Node, Mapping[str, str]] | None:
        """Find the node of a path, and remember it: most requests are for one of few paths."""
        if path.endswith("/"):
            return None
        found = self._tree.find(path)
        if found is None and self._alias and path.startswith(self._alias):
            # The docs' other spelling is answered where it can be read, and nowhere else.
            found = self._tree.find(self._canonical + path[len(self._alias) :])
            if found is not None and "GET" not in found[0].operations:
                return None
        if found is not None and len(path) <= LONGEST_KEPT:
            self._found[path] = found
        return found


def _with_head(method: str) -> tuple[str, ...]:
    return ("GET", "HEAD") if method == "GET" else (method,)


def _answer_no_operation(context: RequestContext, node: Node) -> None:
    if context.method != "OPTIONS":
        raise method_not_allowed(context.method, node.allow)
    context.response = preflight(node.allow, context)
