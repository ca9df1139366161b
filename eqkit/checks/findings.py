"""Findings of a check, and the run that they belong to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from eqkit.contract.loading.places import Place
from eqkit.exit_codes import ExitCode

KEPT_TESTED, KEPT_FINDINGS = 100_000, 10_000
"""How many tested names, and how many findings, a run without end lists; of the others it has the number."""


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    `rule` is a stable slug (``trace-untraced``), `message` a sentence that names the fault, and `advice` the
    way to mend it. `request` is a curl line that reproduces it, if a request found it. `places` are the parts
    of a contract that one finding is about, if there are several.
    """

    rule: str
    message: str
    severity: Severity = Severity.ERROR
    place: Place | None = None
    advice: str | None = None
    request: str | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a check, with the things that it tested and its findings.

    `tested` names every single thing that was tested (a fact, an example, an exchange): a run that tested
    nothing has not shown anything. `error` says why the check could not be carried out. A run without an end
    keeps the first of both; `more_tested` and `more_findings` count those that it has not kept. A finding of
    `fails_on`, or a graver one, fails the run.
    """

    check: str
    tested: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    error: str | None = None
    details: dict[str, object] = field(default_factory=dict)
    more_tested: int = 0
    more_findings: Mapping[Severity, int] = field(default_factory=dict)
    fails_on: Severity = Severity.ERROR

    @property
    def outcome(self) -> ExitCode:
        """Passed, failed by a finding that is grave enough, or an error, also where nothing was tested."""
        if self.error is not None or not self.tested:
            return ExitCode.ERROR
        order, counts = list(Severity), self.counts()
        is_failed = any(counts[each] for each in order[: order.index(self.fails_on) + 1])
        return ExitCode.FAILED if is_failed else ExitCode.PASSED

    def counts(self) -> Counter[Severity]:
        """How many findings there are of each severity, those that were not kept included."""
        return Counter(finding.severity for finding in self.findings) + Counter(self.more_findings)
