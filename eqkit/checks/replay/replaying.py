"""``eqkit replay``: a recording judged against the contract, off-line or by sending it again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from eqkit.checks.conformance import Conformance
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.reports.tables import Table
from eqkit.checks.sources import left_out
from eqkit.contract.source_map import ContractFile
from eqkit.traffic.curl import curl_line
from eqkit.traffic.exchanges import Exchange
from eqkit.traffic.routes import Routes
from eqkit.traffic.sending import DEFAULT_KEY, Unsendable, all_refused, send_again, unjudged

CHECK = "replay"


def replay(
    file: ContractFile,
    routes: Routes,
    recorded: Sequence[Exchange],
    *,
    strict: bool = False,
    server: str | None = None,
    key: str = DEFAULT_KEY,
) -> Run:
    """Judge those of the recorded exchanges that are for the contract.

    `strict` makes an error of what a client did wrong even where the server refused it. With `server` the
    requests are sent to it, and its answers are judged in place of the recorded ones. Raises StartupError
    where it does not answer.
    """
    ours = routes.ours(recorded)
    details: dict[str, object] = {"traffic": _traffic(recorded, ours)}
    silent = all_refused(ours, file.document, routes) if server is None else None
    findings = left_out(recorded)
    if server is not None:
        sent, found = _sent_again(routes, ours, server, key)
        findings += found
        silent = unjudged(sent, server, routes)
        ours = [answered for _, answered in sent]
        routes = Routes(routes.contract, [server])
    conformance = Conformance(file, routes)
    for exchange in ours:
        findings += conformance.judge(exchange)
    if strict:
        findings = [_stricter(finding) for finding in findings]
    return Run(
        check=CHECK,
        tested=[exchange.name for exchange in ours],
        findings=findings,
        unjudged=silent if ours else _nothing(recorded),
        details=details,
    )


def _traffic(recorded: Sequence[Exchange], ours: Sequence[Exchange]) -> Table:
    unanswered = sum(not exchange.status for exchange in ours)
    lost = sum(
        exchange.request_body is None or (exchange.status > 0 and exchange.response_body is None)
        for exchange in ours
    )
    columns = ("recorded", "judged", "for others", "unanswered", "without a body that they had")
    counts = (len(recorded), len(ours), len(recorded) - len(ours), unanswered, lost)
    return Table("Traffic", columns, [[str(count) for count in counts]])


def _sent_again(
    routes: Routes, ours: Iterable[Exchange], server: str, key: str
) -> tuple[list[tuple[Exchange, Exchange]], list[Finding]]:
    """Return each exchange that was sent with what it has become."""
    sent: list[tuple[Exchange, Exchange]] = []
    findings: list[Finding] = []
    document = routes.contract.document
    for exchange in ours:
        operation = routes.operation(exchange)
        try:
            now = send_again(exchange, server, routes, key)
        except Unsendable as error:
            told = f"{exchange.name}: was not sent: {error}"
            request = curl_line(exchange, document, operation)
            findings.append(Finding("not-sent", told, Severity.WARNING, request=request))
            continue
        sent.append((exchange, now))
        if exchange.status not in (0, now.status):
            told = f"{exchange.name}: answered {exchange.status} when it was recorded, and {now.status} now"
            request = curl_line(now, document, operation)
            findings.append(Finding("other-status", told, Severity.WARNING, request=request))
    return sent, findings


def _stricter(finding: Finding) -> Finding:
    is_clients = finding.rule.startswith("request-") and finding.severity is Severity.WARNING
    return replace(finding, severity=Severity.ERROR) if is_clients else finding


def _nothing(recorded: Sequence[Exchange]) -> str:
    if not recorded:
        return "the recording is empty"
    return f"none of the {len(recorded)} recorded exchanges is for the contract"
