"""``eqkit replay --send``: recorded requests sent to a server, and its answers validated."""

from collections.abc import Iterable, Sequence

from eqkit.checks.conformance import Conformance, unreadable
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.replay.replaying import run_of
from eqkit.contract.loading.source_map import ContractFile
from eqkit.traffic.curl import curl_line
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes
from eqkit.traffic.sending import Unsendable, run_error, send_again


def replay_at(
    file: ContractFile,
    routes: Routes,
    recorded: Sequence[RecordedExchange],
    server: str,
    key: str,
    *,
    strict: bool = False,
) -> Run:
    """Send the recorded requests to a server, and validate its answers in place of the recorded ones.

    Raises StartupError if it does not answer.
    """
    findings = unreadable(recorded)
    sent, found = _sent_again(routes, routes.ours(recorded), server, key)
    conformance = Conformance(file, Routes(routes.contract, [server]))
    findings += found
    for _, answered in sent:
        findings += conformance.validate(answered)
    findings += conformance.left_out()
    ours = [answered for _, answered in sent]
    return run_of(recorded, ours, findings, strict=strict, silent=run_error(sent, server, routes))


def _sent_again(
    routes: Routes, ours: Iterable[RecordedExchange], server: str, key: str
) -> tuple[list[tuple[RecordedExchange, RecordedExchange]], list[Finding]]:
    """Return each exchange that was sent, with its new response."""
    sent: list[tuple[RecordedExchange, RecordedExchange]] = []
    findings: list[Finding] = []
    document = routes.contract.document
    for exchange in ours:
        operation = routes.operation(exchange)
        try:
            now = send_again(exchange, server, routes, key)
        except Unsendable as error:
            message = f"{exchange.name}: was not sent: {error}"
            request = curl_line(exchange, document, operation)
            findings.append(Finding("not-sent", message, Severity.WARNING, request=request))
            continue
        sent.append((exchange, now))
        if exchange.status not in (0, now.status):
            message = (
                f"{exchange.name}: answered {exchange.status} when it was recorded, and {now.status} now"
            )
            request = curl_line(now, document, operation)
            findings.append(Finding("other-status", message, Severity.WARNING, request=request))
    return sent, findings
