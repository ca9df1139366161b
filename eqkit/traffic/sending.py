"""Recorded requests sent again to a server, each on a connection of its own, and its answers recorded."""

import http.client
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from eqkit.contract.credentials import Credentials, credentials
from eqkit.contract.decoding.styles import raw_cookies
from eqkit.errors import StartupError
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes

PATIENCE_S = 30
"""How long an answer may take, in seconds."""

DEFAULT_KEY = "test_replay"
"""The key to send where none is given: a recording has none that could be used."""

_NOT_SENT = frozenset(
    (
        "host",
        "content-length",
        "connection",
        "transfer-encoding",
        "accept-encoding",
        "authorization",
        "cookie",
    )
)


REFUSED = (401, 403)
"""The statuses of a server's answer to a key that it does not take."""

MOST_NAMED = 5
"""How many operations a refusal names."""


class Unsendable(Exception):
    """A recorded request that cannot be sent again; the message says why."""


def send_again(exchange: RecordedExchange, base: str, routes: Routes, key: str) -> RecordedExchange:
    """Send a recorded request as its contract wants it: below `base`, with the key, and with its cookies.

    Of the cookies those are kept that the operation declares. Raises as `send` does.
    """
    operation = routes.operation(exchange)
    declared = () if operation is None else operation.in_place("cookie")
    sent = raw_cookies(exchange.request_header("cookie"))
    cookies = [f"{name}={value}" for name, value in sent if name in declared]
    kept = (("Cookie", "; ".join(cookies)),) if cookies else ()
    wanted = credentials(routes.contract.document, key, operation)
    return send(routes.relative(exchange), base, replace(wanted, headers=(*wanted.headers, *kept)))


def run_error(
    sent: Iterable[tuple[RecordedExchange, RecordedExchange]], base: str, routes: Routes
) -> str | None:
    """Return why the answers of a server do not show all that they could, or None if they do.

    `sent` has each recorded exchange with the one of now. One request that was refused for the key leaves its
    operation untested; a request that was refused when it was recorded was wrong on purpose.
    """
    pairs = list(sent)
    good = {now.status for recorded, now in pairs if 200 <= recorded.status < 400}
    if 404 in good and good <= {404, *REFUSED}:
        return f"{base}: the server has nothing of what was recorded, and answers 404: see the address"
    refused = [
        (name_of(recorded, routes), now.status)
        for recorded, now in pairs
        if _is_refused(recorded.status, now.status)
    ]
    return f"{base}: {refusal(refused)}" if refused else None


def refusal(refused: Iterable[tuple[str, int]]) -> str:
    """Return a message that names operations where the key was refused, with the status."""
    statuses = dict(refused)
    listed = ", ".join([*statuses][:MOST_NAMED])
    others = len(statuses) - MOST_NAMED
    more = f" and {others} more" if others > 0 else ""
    return f"the server refuses the key with {min(statuses.values())} for {listed}{more}: see --key"


def name_of(exchange: RecordedExchange, routes: Routes) -> str:
    """Name an exchange by its operation, or by its path where the contract has none."""
    operation = routes.operation(exchange)
    return f"{exchange.method} {exchange.path if operation is None else operation.path}"


def _is_refused(before: int, now: int) -> bool:
    """Return whether the key is refused now: a 403 may be about the request, too."""
    return now in REFUSED and before not in (401, now)


def send(exchange: RecordedExchange, base: str, wanted: Credentials) -> RecordedExchange:
    """Send a request again to the server at `base`, and return the exchange that this makes.

    The path of its URL goes below that of `base`. Raises Unsendable for a request that was not kept whole,
    and StartupError where no server answers.
    """
    if exchange.request_body is None:
        raise Unsendable("its body was not recorded")
    # Credentials that were refused were wrong on purpose, and right ones would be answered otherwise.
    added = Credentials() if exchange.status == 401 else wanted
    replaced = _NOT_SENT | {name.lower() for name, _ in wanted.headers}
    headers = [(name, value) for name, value in exchange.request_headers if name.lower() not in replaced]
    parts = urlsplit(exchange.url)
    secret = {name for name, _ in wanted.query}
    query = parts.query
    if secret:
        asked = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode([*(pair for pair in asked if pair[0] not in secret), *added.query])
    target = urlsplit(base.rstrip("/") + parts.path)._replace(query=query)
    headers += added.headers
    try:
        return _sent(replace(exchange, url=target.geturl(), request_headers=tuple(headers)))
    except (http.client.InvalidURL, ValueError) as error:
        # Their own words repeat the address or the header, and with it the key.
        raise Unsendable("its address or a header has a character that HTTP has no place for") from error
    except http.client.HTTPException as error:
        raise Unsendable(f"{type(error).__name__}: {error}") from error
    except OSError as error:
        raise StartupError(f"{base} does not answer: {error.strerror or error}") from error


def _sent(exchange: RecordedExchange) -> RecordedExchange:
    parts = urlsplit(exchange.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    body = exchange.request_body or b""
    try:
        asked = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.putrequest(exchange.method, asked, skip_accept_encoding=True)
        for name, value in exchange.request_headers:
            connection.putheader(name, value)
        if body or exchange.method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return replace(
            exchange,
            status=response.status,
            response_headers=tuple(response.getheaders()),
            response_body=response.read(),
            has_all_headers=True,
            armed=(),
            outcome="",
        )
    finally:
        connection.close()
