"""Which operation of a contract a recorded request is for, and whether it is for the contract at all."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from eqkit.contract.operations import Contract, Operation
from eqkit.contract.servers import prefixes
from eqkit.traffic.exchanges import RecordedExchange

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Route:
    """A path of the contract that was asked for: its operations by method, and the path's parameters.

    `parameters` are the texts as they were sent: a percent-encoded delimiter separates nothing.
    """

    path: str
    operations: dict[str, Operation]
    parameters: dict[str, str]


class Routes:
    """The paths of a contract, below the paths of its servers and of other addresses it is served at."""

    def __init__(self, contract: Contract, bases: Iterable[str] = ()) -> None:
        """Take the contract; `bases` are the addresses to which alone it applies, by default any."""
        self.contract = contract
        self._bases = tuple(base.rstrip("/") for base in bases)
        self._prefixes = prefixes(contract.document.data)
        paths: dict[str, dict[str, Operation]] = {}
        for operation in contract.operations.values():
            paths.setdefault(operation.path, {})[operation.method] = operation
        # A literal part goes before a parameter: /messages/_bulk before /messages/{id}.
        ordered = sorted(
            paths.items(), key=lambda item: [part.startswith("{") for part in item[0].split("/")]
        )
        self._patterns: dict[re.Pattern[str], list[tuple[str, dict[str, Operation]]]] = {}
        for path, operations in ordered:
            self._patterns.setdefault(_pattern(path), []).append((path, operations))
        literal = [path.partition("{")[0] for path in paths]
        self._literal = posixpath.commonprefix(literal).rpartition("/")[0] + "/"

    def route(self, exchange: RecordedExchange) -> Route | None:
        """Return the path that was asked for, or None for one that the contract has not got.

        Of paths that differ in the names of their parameters alone, the one that has the method.
        """
        for sent in self._below(exchange):
            for pattern, alike in self._patterns.items():
                found = pattern.fullmatch(sent)
                if found:
                    has_method = (each for each in alike if exchange.method in each[1])
                    path, operations = next(has_method, alike[0])
                    return Route(path, operations, dict(zip(_names(path), found.groups(), strict=True)))
        return None

    def nearest(self, exchange: RecordedExchange) -> Route | None:
        """Return the path that a path of one slash too much was meant for."""
        parts = urlsplit(exchange.url)
        return self.route(replace(exchange, url=parts._replace(path=parts.path.rstrip("/")).geturl()))

    def relative(self, exchange: RecordedExchange) -> RecordedExchange:
        """Return a request with the path as the contract writes it, without that of a server."""
        below = self._below(exchange)
        unknown = below[0] if self._bases and below else exchange.path
        path = next((sent for sent in below if self._is_known(sent)), unknown)
        return replace(exchange, url=urlsplit(exchange.url)._replace(path=path).geturl())

    def operation(self, exchange: RecordedExchange) -> Operation | None:
        """Return the operation that was asked for, or None for one that the contract has not got."""
        route = self.route(exchange)
        return None if route is None else route.operations.get(exchange.method)

    def ours(self, exchanges: Iterable[RecordedExchange]) -> list[RecordedExchange]:
        """Return the exchanges that the contract is to be held against.

        Those below an address that it is served at, where one is named. Else those to a path of it; and to
        hosts of which one such is known, also those to other paths where its paths begin. Preflights,
        redirects to another origin and answers from a browser's cache are HTTP's.
        """
        candidates = [each for each in exchanges if not each.broken and not is_plumbing(each)]
        known = {each.origin for each in candidates if self.route(each) is not None}
        return [each for each in candidates if self.route(each) is not None or self._is_near(each, known)]

    def _is_known(self, sent: str) -> bool:
        return any(pattern.fullmatch(sent) for pattern in self._patterns)

    def _is_near(self, exchange: RecordedExchange, origins: set[str]) -> bool:
        if self._bases:
            return bool(self._below(exchange))
        return exchange.origin in origins and any(
            sent.startswith(self._literal) and self._literal != "/" for sent in self._below(exchange)
        )

    def _below(self, exchange: RecordedExchange) -> list[str]:
        """Return the path as it may stand in the contract: without the base that it is served below."""
        if self._bases:
            base = next((each for each in self._bases if is_below(exchange.url, each)), None)
            return [] if base is None else [exchange.path[len(urlsplit(base).path) :] or "/"]
        return [
            exchange.path[len(prefix) :]
            for prefix in self._prefixes
            if exchange.path.startswith(prefix + "/")
        ]


def is_below(url: str, base: str) -> bool:
    """Return whether a URL is at an address or below its path."""
    wanted, found = urlsplit(base), urlsplit(url)
    path = wanted.path.rstrip("/")
    return _origin(wanted) == _origin(found) and (found.path == path or found.path.startswith(path + "/"))


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port; the port of a scheme need not be written (RFC 9110 4.2.3)."""
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme)


def is_plumbing(exchange: RecordedExchange) -> bool:
    """Return whether HTTP, a browser or a proxy made the exchange: it is not the contract's business."""
    if exchange.status == 304 or exchange.is_cached:
        return True
    if exchange.request_header("access-control-request-method") is not None:
        return True
    if exchange.status not in (301, 302, 303, 307, 308):
        return False
    target = urlsplit(exchange.response_header("location") or "")
    return bool(target.netloc) and f"{target.scheme}://{target.netloc}".lower() != exchange.origin


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("([^/]+)".join(map(re.escape, parts)))


def _names(path: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", path)
