"""The page on the checks of servers is what the checks say of themselves."""

import fnmatch

from eqkit.elasticqueue.probe.probes import ALL
from tests.checks.diff import test_diff, test_diff_of_foreign_contracts
from tests.checks.things import compared
from tests.docs.pages import DOCS, rows

PAGE = DOCS / "reference/server-checks.md"


def listed() -> dict[str, list[str]]:
    """Return the cells beside each rule of the page; a row may name several rules."""
    return {name.strip("`"): cells for names, *cells in rows(PAGE, "Rule") for name in names.split()}


def test_every_probe_is_listed_with_what_it_demands() -> None:
    """Name, rulings and sentence are those of the probe."""
    probes = {f"probe-{each.name}": [each.rulings, each.act.__doc__] for each in ALL}
    assert {rule: cells for rule, cells in listed().items() if rule.startswith("probe-")} == probes


def test_every_change_has_the_severity_that_is_listed() -> None:
    """Each rule that a change can be told by is on the page, a … standing for any keyword."""
    page = {rule: cells[0] for rule, cells in listed().items() if rule.startswith("diff-")}
    told = {
        (finding.rule, finding.severity.value)
        for tests in (test_diff, test_diff_of_foreign_contracts)
        for _, change in (*tests.BREAKING, *tests.HARMLESS)
        for finding in compared(change).findings
        if finding.rule not in ("diff-version", "diff-security-changed")
    }
    assert len(told) > 30
    for rule, severity in told:
        patterns = [name for name in page if fnmatch.fnmatch(rule, name.replace("…", "*"))]
        assert page[rule if rule in page else patterns[0]] == severity, rule
