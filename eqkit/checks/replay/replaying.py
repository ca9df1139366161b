"""``eqkit replay``: a recording validated by the contract, as it is or once it was sent again."""

from collections.abc import Sequence
from dataclasses import replace

from eqkit.checks.conformance import Conformance, all_refused, unreadable
from eqkit.checks.coverage.callbacks import Callbacks
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.reports.writing import Table
from eqkit.contract.loading.source_map import ContractFile
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes

CHECK = "replay"


def replay(
    file: ContractFile,
    routes: Routes,
    recorded: Sequence[RecordedExchange],
    *,
    strict: bool = False,
    receivers: Sequence[str] = (),
) -> Run:
    """Validate those of the recorded exchanges that are for the contract.

    `strict` makes an error of a client's mistake even where the server refused it. Below the addresses
    of `receivers`, everything is a webhook or a callback; so is a request to an address that the traffic
    itself names for one.
    """
    callbacks = Callbacks([(file, routes)], receivers)
    if callbacks.all:
        callbacks.learn(recorded)
    calls = {id(each): found for each in recorded if callbacks.all and (found := callbacks.of(each))}
    ours = routes.ours([each for each in recorded if id(each) not in calls])
    conformance = Conformance(file, routes)
    findings = unreadable(recorded)
    for exchange in ours:
        findings += conformance.validate(exchange)
    called = [each for each in recorded if id(each) in calls]
    for exchange in called:
        findings += conformance.validate_call(exchange, [each.pointer for each in calls[id(exchange)]])
    return run_of(
        recorded,
        [*ours, *called],
        [*findings, *conformance.left_out()],
        strict=strict,
        silent=None if called else all_refused(ours, routes),
    )


def run_of(
    recorded: Sequence[RecordedExchange],
    ours: Sequence[RecordedExchange],
    findings: Sequence[Finding],
    *,
    strict: bool,
    silent: str | None,
) -> Run:
    """Return the run over those of the recorded exchanges that were validated."""
    return Run(
        check=CHECK,
        tested=[exchange.name for exchange in ours],
        findings=[_stricter(finding) for finding in findings] if strict else findings,
        error=silent if ours else _nothing(recorded),
        details={"traffic": _traffic(recorded, ours)},
    )


def _traffic(recorded: Sequence[RecordedExchange], ours: Sequence[RecordedExchange]) -> Table:
    unanswered = sum(not exchange.status for exchange in ours)
    lost = sum(
        exchange.request_body is None or (exchange.status > 0 and exchange.response_body is None)
        for exchange in ours
    )
    columns = ("recorded", "validated", "for others", "unanswered", "without a body that they had")
    counts = (len(recorded), len(ours), len(recorded) - len(ours), unanswered, lost)
    return Table("Traffic", columns, [[str(count) for count in counts]])


def _stricter(finding: Finding) -> Finding:
    is_clients = finding.rule.startswith("request-") and finding.severity is Severity.WARNING
    return replace(finding, severity=Severity.ERROR) if is_clients else finding


def _nothing(recorded: Sequence[RecordedExchange]) -> str:
    if not recorded:
        return "the recording is empty"
    return f"none of the {len(recorded)} recorded exchanges is for the contract"
