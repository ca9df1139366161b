"""The pages on trace and lint repeat the descriptions that the two checks give of themselves."""

import difflib
import itertools
import re

from eqkit.checks.lint.linting import LINT_IGNORE
from eqkit.checks.lint.rulesets import DUPLICATE_KEY, RULES, RULESETS, grades
from eqkit.contract.loading.source_map import installed
from eqkit.elasticqueue.trace.requirements import Traceability
from eqkit.elasticqueue.trace.table import render
from tests.docs.pages import DOCS, ROOT, rows

FINDINGS = DOCS / "reference/findings.md"
SOURCES = tuple(f"elasticqueue/trace/{name}" for name in ("contradictions", "origins", "server", "tracing"))


def test_the_page_from_docs_to_wire_is_written_from_the_requirements() -> None:
    """docs/reference/trace.md is the output of `eqkit trace --table`."""
    written = render(Traceability.load(installed("traceability.yaml"))).splitlines()
    page = (DOCS / "reference/trace.md").read_text().splitlines()
    assert list(difflib.unified_diff(page, written, lineterm="")) == []


def test_every_rule_is_listed_once() -> None:
    """Each slug that the checks use, and no slug that they do not."""
    text = "".join((ROOT / f"eqkit/{name}.py").read_text() for name in SOURCES)
    used = [*set(re.findall(r'"((?:docs|trace)-[a-z-]+)"', text)), *RULES, DUPLICATE_KEY, LINT_IGNORE]
    assert sorted(row[0].strip("`") for row in rows(FINDINGS, "Rule")) == sorted(used)


def test_every_rule_of_lint_is_listed_with_its_severity_and_reason() -> None:
    """The page repeats the severity and reason of each rule, below the name of its ruleset."""
    page = FINDINGS.read_text()
    starts = [page.index(f"### `{ruleset}`") for ruleset in RULESETS]
    for ruleset, (start, end) in zip(
        RULESETS, itertools.pairwise((*starts, page.index("## Trace"))), strict=True
    ):
        section = page[start:end]
        listed = {line.split("|")[1].strip(): line for line in section.splitlines() if line.startswith("| `")}
        own = {f"`{slug}`" for slug in RULES if grades([ruleset]).get(slug)} & set(listed)
        assert len(own) >= 10
        for cell in own:
            slug = cell.strip("`")
            reason = (RULES[slug].__doc__ or "").partition("\n")[0]
            assert listed[cell] == f"| {cell} | {grades([ruleset])[slug]} | {reason} |"
