"""Recorded requests sent again to a server, each on a connection of its own, and its answers recorded."""

import http.client
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from eqkit.checks.credentials import Credentials, credentials
from eqkit.checks.exchanges import Exchange
from eqkit.checks.parameters import cookie
from eqkit.checks.routes import Routes
from eqkit.errors import StartupError

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
"""What a server answers to a key that it does not take."""


class Unsendable(Exception):
    """A recorded request that cannot be sent again; the message says why."""


def send_again(exchange: Exchange, base: str, routes: Routes, key: str) -> Exchange:
    """Send a recorded request as its contract wants it: below `base`, with the key, and with its cookies.

    Of the cookies those are kept that the operation declares. Raises as `send` does.
    """
    operation = routes.operation(exchange)
    declared = () if operation is None else operation.in_place("cookie")
    cookies = [f"{name}={value}" for name in declared if (value := cookie(exchange, name)) is not None]
    kept = (("Cookie", "; ".join(cookies)),) if cookies else ()
    wanted = credentials(routes.contract.document, key, operation)
    return send(routes.relative(exchange), base, replace(wanted, headers=(*wanted.headers, *kept)))


def unjudged(sent: Iterable[tuple[Exchange, Exchange]], base: str) -> str | None:
    """Return why a server has shown nothing by its answers, or None where it has.

    `sent` has each recorded exchange and what has become of it. What was answered well when it was recorded
    decides, or where there is no such, what was not refused: what is refused again was wrong on purpose.
    """
    statuses = [(recorded.status, answered.status) for recorded, answered in sent]
    good = {now for before, now in statuses if 200 <= before < 400}
    wanted = good or {now for before, now in statuses if before not in REFUSED}
    if wanted and wanted <= {*REFUSED}:
        return f"{base}: the server refuses the key with {min(wanted)}: see --key"
    if 404 in good and good <= {404, *REFUSED}:
        return f"{base}: the server has nothing of what was recorded, and answers 404: see the address"
    return None


def send(exchange: Exchange, base: str, wanted: Credentials) -> Exchange:
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


def _sent(exchange: Exchange) -> Exchange:
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
            comment="",
        )
    finally:
        connection.close()
