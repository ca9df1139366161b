"""From a request to the operation of any contract, at the root and below the paths of its servers."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from eqkit.contract.operations import Contract, Operation
from eqkit.contract.paths import Match, PathTree, normal_path
from eqkit.contract.servers import prefixes
from eqkit.errors import Code, api_error
from eqkit.web.contracts.query_preferences import take_preferences
from eqkit.web.messages.context import Receive, RequestContext, Response, Scope, Send
from eqkit.web.messages.memo import Memo
from eqkit.web.middleware.base import Handler, context_of
from eqkit.web.middleware.without_operation import (
    KEPT_PATHS,
    LONGEST_KEPT,
    answer_page,
    method_not_allowed,
    preflight,
)
from eqkit.web.pages import Page

SHOWN_PATHS = 3
"""How many paths the 404 of a misspelt one names."""

SEARCHED = 100
"""Among how many paths, and in how many characters, those are searched for: nobody waits for that."""


class _Found(NamedTuple):
    """An operation, and the texts of the path's parameters: as they were sent, and decoded."""

    operation: Operation
    sent: Mapping[str, str]
    decoded: Mapping[str, str]


class ContractRouting:
    """Finds the operation, or answers 404, 405, OPTIONS, and the pages that the contract leaves free."""

    def __init__(
        self,
        contract: Contract,
        bind: Callable[[Operation], Handler],
        pages: Mapping[str, Page],
        *,
        query_preferences: bool = False,
    ) -> None:
        """Take a function that binds an operation to its handlers when the first request for it comes.

        With `query_preferences`, those in the query are preferences like those of the header.
        """
        self._takes_preferences = query_preferences
        self._bind = bind
        self._handlers: dict[str, Handler] = {}
        self._pages = pages
        self._prefixes = prefixes(contract.document.data)
        self._tree: PathTree[Operation] = PathTree()
        self._paths: list[str] = []
        self._methods: dict[str, None] = {}
        for operation in contract.operations.values():
            self._tree.add(operation.path, operation.method, operation)
            self._paths.append(operation.path)
            self._methods[operation.method] = None
        self._found: Memo[tuple[str, str], _Found] = Memo(KEPT_PATHS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one request."""
        context = context_of(scope)
        if self._takes_preferences:
            take_preferences(context)
        # The raw path, since an escaped slash belongs to its segment.
        path = scope["raw_path"].decode("latin-1") if "raw_path" in scope else scope["path"]
        if context.method == "OPTIONS" and self._is_for_server(path, context):
            return
        found = self._found.get((context.method, path)) or self._operation(path, context)
        if found is None:
            return
        operation, context.raw_parameters, context.parameters = found
        context.operation = operation
        handler = self._handlers.get(operation.id)
        if handler is None:
            handler = self._handlers[operation.id] = self._bind(operation)
        context.response = await handler(context)

    def _is_for_server(self, path: str, context: RequestContext) -> bool:
        """Answer OPTIONS where it is not for an operation; tell whether that was so.

        A preflight of a browser (Fetch, 4.8) has to get its permissions, though a contract may declare the
        method; ``OPTIONS *`` is about the server as a whole (RFC 9110 9.3.7).
        """
        if path == "*":
            context.response = preflight(_allowed(self._methods), context)
        elif b"origin" in context.headers and b"access-control-request-method" in context.headers:
            matches = self._matches(path)
            if matches:
                context.response = _without_operation(matches, context)
        return context.response is not None

    def _operation(self, path: str, context: RequestContext) -> "_Found | None":
        """Return the operation with the texts of the path's parameters; None where the answer is made."""
        method, matches = context.method, self._matches(path)
        for sent_as in (method, "GET") if method == "HEAD" else (method,):
            for match in matches:
                if sent_as in match.operations:
                    sent = match.parameters(sent_as)
                    decoded = {name: unquote(text) for name, text in sent.items()}
                    found = _Found(match.operations[sent_as][1], sent, decoded)
                    self._remember(method, path, found)
                    return found
        page = self._pages.get(normal_path(path))
        if page is not None and not matches:
            context.response = answer_page(page, context)
        elif not matches:
            raise api_error(Code.PATH_NOT_FOUND, self._not_found(path))
        else:
            context.response = _without_operation(matches, context)
        return None

    def _matches(self, path: str) -> list[Match[Operation]]:
        """Return the paths of the contract that were asked for, below the longest prefix first."""
        return [
            match
            for prefix in self._prefixes
            if path.startswith(prefix + "/")
            for match in self._tree.find(path[len(prefix) :], is_exclusive=True)
        ]

    def _remember(self, method: str, path: str, found: "_Found") -> None:
        if len(path) <= LONGEST_KEPT:
            self._found[method, path] = found

    def _not_found(self, path: str) -> str:
        sent = path[:LONGEST_KEPT]
        begin = "/".join(sent.split("/")[:2])
        paths = list(dict.fromkeys(self._paths))
        beside = [each for each in paths if each.startswith(begin)] or paths
        near = difflib.get_close_matches(sent[:SEARCHED], beside[:SEARCHED], SHOWN_PATHS, 0.7)
        there_are = f"; did you mean {' or '.join(near)}?" if near else "."
        return f"The contract has no path {sent}{there_are}"


def _without_operation(matches: list[Match[Operation]], context: RequestContext) -> Response:
    """Answer OPTIONS; raises ApiError (405) for any other method."""
    allow = _allowed(method for match in matches for method in match.operations)
    if context.method != "OPTIONS":
        raise method_not_allowed(context.method, allow)
    return preflight(allow, context)


def _allowed(methods: Iterable[str]) -> bytes:
    """Return the value of Allow; where GET is, HEAD is (RFC 9110 9.1), whether a document names it or not."""
    named = [each for method in methods for each in ((method, "HEAD") if method == "GET" else (method,))]
    return ", ".join(dict.fromkeys([*named, "OPTIONS"])).encode("latin-1", "replace")
