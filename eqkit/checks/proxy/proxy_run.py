"""The run of a proxy so far: the findings and the tested exchanges, of which the first ones are kept."""

from collections import Counter
from collections.abc import Callable, Sequence

from eqkit.checks.findings import KEPT_FINDINGS, KEPT_TESTED, Finding, Run, Severity

CHECK = "proxy"


class ProxyRun:
    """Collects findings, within bounds, and shows each one when it is made."""

    def __init__(self, show: Callable[[Finding], None]) -> None:
        """Take the function that shows a finding."""
        self.show = show
        self._tested, self._more_tested = list[str](), 0
        self._findings = list[Finding]()
        self._more_findings = Counter[Severity]()

    @property
    def run(self) -> Run:
        """The check so far."""
        return Run(
            CHECK, tested=self._tested, findings=self._findings,
            more_tested=self._more_tested, more_findings=self._more_findings,
        )  # fmt: skip

    def test(self, name: str) -> None:
        """Count an exchange as tested."""
        if len(self._tested) < KEPT_TESTED:
            self._tested.append(name)
        else:
            self._more_tested += 1

    def find(self, found: Sequence[Finding]) -> None:
        """Show findings, and keep those that there is room for."""
        for finding in found:
            self.show(finding)
        room = KEPT_FINDINGS - len(self._findings)
        self._findings += found[:room]
        self._more_findings.update(finding.severity for finding in found[room:])
