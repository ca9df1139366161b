"""Each rule of `core` and `recommended`: a contract that breaks it, and one that nearly does."""

from pathlib import Path
from typing import Any

import pytest

from eqkit.checks.lint.rulesets import CORE, RECOMMENDED
from tests.checks.lint.core_cases import CORE_CASES
from tests.checks.lint.recommended_cases import RECOMMENDED_CASES
from tests.checks.lint.small import NAME, NEW, NEWEST, OLD, PET, Case, changed, found

CASES = [*CORE_CASES, *RECOMMENDED_CASES]


@pytest.mark.parametrize("case", CASES, ids=[f"{each.rule}-{index}" for index, each in enumerate(CASES)])
def test_a_rule_is_broken_here_and_not_there(case: Case, tmp_path: Path) -> None:
    """The one contract has this very finding, and the other none of the rule."""
    assert (case.rule, case.at) in found(tmp_path, changed(case.bad, case.version), "recommended")
    assert case.rule not in dict(found(tmp_path, changed(case.good, case.version), "recommended"))


@pytest.mark.parametrize("version", [OLD, NEW, NEWEST])
def test_the_contract_itself_breaks_nothing(version: str, tmp_path: Path) -> None:
    """So each finding above is of its change."""
    assert found(tmp_path, changed({}, version), "recommended") == []


def test_every_rule_is_broken_by_one_of_these() -> None:
    """A rule that nothing breaks may as well not be there; those of validity have tests of their own."""
    assert {each.rule for each in CASES} == {*CORE, *RECOMMENDED} - {"lint-invalid"}


def test_a_lost_reference_stops_no_other_rule(tmp_path: Path) -> None:
    """Each of two is reported once at its place, and an example elsewhere is validated all the same."""
    lost: Any = {"$ref": "#/components/schemas/Nobody"}
    contract = changed({NAME: lost, f"{PET}/properties/toy": lost, f"{PET}/properties/id/example": 1})
    assert sorted(found(tmp_path, contract, "recommended")) == [
        ("lint-example", f"{PET}/properties/id/example"),
        ("lint-reference", f"{NAME}/$ref"),
        ("lint-reference", f"{PET}/properties/toy/$ref"),
    ]
