"""The pages on trace and lint are what the two checks say of themselves."""

import difflib
import re

from eqkit.checks.lint.generator_rules import GENERATOR_RULES
from eqkit.checks.lint.house_rules import RULES
from eqkit.contract.source_map import installed
from eqkit.elasticqueue.trace.claims import Claims
from eqkit.elasticqueue.trace.table import render
from tests.docs.pages import DOCS, ROOT, rows

FINDINGS = DOCS / "reference/findings.md"
SOURCES = (
    *(
        f"checks/{name}"
        for name in ("lint/generator_rules", "lint/house_rules", "lint/linting", "references")
    ),
    *(f"elasticqueue/trace/{name}" for name in ("contradictions", "origins", "server", "tracing")),
)


def test_the_page_from_docs_to_wire_is_written_from_the_claims() -> None:
    """docs/reference/trace.md is what `eqkit trace --table` prints."""
    written = render(Claims.load(installed("claims.yaml"))).splitlines()
    page = (DOCS / "reference/trace.md").read_text().splitlines()
    assert list(difflib.unified_diff(page, written, lineterm="")) == []


def test_every_rule_is_listed_once() -> None:
    """Each slug that the checks use, and no slug that they do not."""
    text = "".join((ROOT / f"eqkit/{name}.py").read_text() for name in SOURCES)
    used = set(re.findall(r'"((?:docs|generators|house|lint|trace)-[a-z-]+)"', text))
    assert sorted(row[0].strip("`") for row in rows(FINDINGS, "Rule")) == sorted(used)


def test_every_rule_of_generators_is_listed_with_its_reason() -> None:
    """The page says what the rule says of itself."""
    reasons = {f"`{slug}`": (rule.__doc__ or "").partition("\n")[0] for slug, rule in GENERATOR_RULES.items()}
    listed = {row[0]: row[1] for row in rows(FINDINGS, "Rule") if row[0].startswith("`generators-")}
    assert listed == reasons


def test_every_house_rule_is_listed_with_what_it_demands() -> None:
    """The page says what the rule says of itself."""
    demanded = {f"`{slug}`": (rule.__doc__ or "").partition("\n")[0] for slug, rule in RULES.items()}
    listed = {row[0]: row[1] for row in rows(FINDINGS, "Rule") if row[0].startswith("`house-")}
    assert listed == demanded
