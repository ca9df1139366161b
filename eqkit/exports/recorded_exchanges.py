"""The exchanges of a recording or journal that are for a contract, without the secrets in them."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from eqkit.contract.credentials import secret_names
from eqkit.exports.exchanges import Exported, ExportedExchange, LeftOut, secret_headers, wanted_credentials
from eqkit.traffic.curl import without_secrets
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.recording import body_text_without_secrets, headers_without_secrets
from eqkit.traffic.routes import Routes


def recorded_exchanges(routes: Routes, recorded: Iterable[RecordedExchange]) -> Exported:
    """Yield the exchanges with an operation of the contract, in their order; for the others, the reason.

    Traffic of other hosts is left out in silence.
    """
    recorded = list(recorded)
    document = routes.contract.document
    secrets = secret_names(document) | secret_headers(document)
    counts: dict[str, int] = {}
    for each in recorded:
        if each.broken:
            yield LeftOut(each.name, each.broken)
    for each in routes.ours(recorded):
        route, operation = routes.route(each), routes.operation(each)
        if route is None or operation is None:
            yield LeftOut(each.name, "the contract has no such operation")
        elif not each.is_answered:
            yield LeftOut(each.name, "it has no answer")
        else:
            counts[operation.id] = number = counts.get(operation.id, 0) + 1
            yield ExportedExchange(
                operation,
                f"recorded-{number}",
                exchange_without_secrets(each, secrets),
                route.parameters,
                wanted_credentials(document, operation, each.status),
                is_recorded=True,
            )


def exchange_without_secrets(exchange: RecordedExchange, secrets: Collection[str]) -> RecordedExchange:
    """Return an exchange whose secrets are redacted in address, headers and bodies.

    `secrets` are its contract's names for the places of its keys, in lower case.
    """
    return replace(
        exchange,
        url=without_secrets(exchange.url, secrets),
        request_headers=tuple(headers_without_secrets(exchange.request_headers, secrets)),
        request_body=_body(exchange.request_body, exchange.request_header("content-type"), secrets),
        response_headers=tuple(headers_without_secrets(exchange.response_headers, secrets)),
        response_body=_body(exchange.response_body, exchange.response_header("content-type"), secrets),
    )


def _body(body: bytes | None, media_type: str | None, secrets: Collection[str]) -> bytes | None:
    if not body:
        return body
    text = body_text_without_secrets(body, media_type or "", secrets)
    return body if text is None else text.encode("utf-8", "surrogatepass")
