"""An OpenAPI document by itself: every rule that holds for it, and the findings with their places."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.lint.examples import samples
from eqkit.checks.lint.nodes import Nodes
from eqkit.checks.lint.problems import Problem
from eqkit.checks.lint.rulesets import ALL_RULES, DEFAULT, DUPLICATE_KEY, OWN, RULES, USUAL, grades
from eqkit.checks.lint.settings import Ignored, known
from eqkit.contract.kinds import Kind
from eqkit.contract.loading.repairing.repeated_keys import repeated_keys
from eqkit.contract.loading.source_map import ContractFile
from eqkit.errors import ContractError

_VERSIONS = re.compile(r"3\.[012](?:\.|$)")

IGNORE = "x-eqkit-ignore"
"""The member of any object of a document that maps rules to the reasons for which they don't hold there."""

LINT_IGNORE = "lint-ignore"
"""The slug of findings about ignored findings: without a reason, or without need."""


def lint(
    contract: Path | None = None,
    rules: Mapping[str, Severity] | None = None,
    ignored: Sequence[Ignored] = (),
) -> Run:
    """Hold a document, by default the installed contract, against rules.

    Raises ContractError for a document that can't be read, or is of another version.

    `rules` are those that hold, and how much each matters; by default the rulesets of DEFAULT, and for the
    installed contract all of them. Findings that `ignored` or the document itself lets pass are left out.
    """
    file = ContractFile.load(contract)
    if not _VERSIONS.match(version := str(file.document.data.get("openapi"))):
        raise ContractError(f"{file.file}: OpenAPI {version} is not known to lint; 3.0, 3.1 and 3.2 are")
    if rules is None:
        rules = grades(OWN if contract is None else DEFAULT)
    nodes = Nodes(file.document)
    passes = _Passes([*ignored, *_ignored_inline(nodes)])
    findings = [
        _finding(file, rule, problem, severity)
        for rule, severity in rules.items()
        for problem in (RULES[rule](nodes) if rule in RULES else ())
        if not passes.let(rule, problem.pointer)
    ]
    if DUPLICATE_KEY in rules:
        findings += _repeated_keys(file, rules[DUPLICATE_KEY])
    findings += [
        _finding(file, LINT_IGNORE, each, Severity.WARNING)
        for each in (*_unexplained(nodes), *passes.unused())
    ]
    tested = [node.pointer for node in nodes.all if node.kind is Kind.OPERATION or _is_component(node.path)]
    tested += [each.pointer for each in samples(nodes)]
    return Run("lint", list(dict.fromkeys(["the document", *tested])), findings)


def _is_component(path: tuple[str, ...]) -> bool:
    return len(path) == 3 and path[0] == "components"


class _Passes:
    """The entries that let findings pass, and those of them that were needed."""

    def __init__(self, ignored: Sequence[Ignored]) -> None:
        self._ignored = ignored
        self._used: set[Ignored] = set()

    def let(self, rule: str, pointer: str) -> bool:
        """Return True for a finding that is let pass."""
        found = [each for each in self._ignored if each.covers(rule, pointer)]
        self._used.update(found)
        return bool(found)

    def unused(self) -> Iterator[Problem]:
        """Yield each entry that lets nothing pass."""
        for each in self._ignored:
            if each not in self._used:
                yield Problem(each.at, f"{each.rule} is ignored here, and finds nothing")


def _ignored_inline(nodes: Nodes) -> Iterator[Ignored]:
    for node in nodes.all:
        for rule, reason in node.map(IGNORE).items():
            if rule in ALL_RULES and isinstance(reason, str) and reason.strip():
                yield Ignored(rule, node.pointer, reason)


def _unexplained(nodes: Nodes) -> Iterator[Problem]:
    for node in nodes.all:
        for rule, reason in node.map(IGNORE).items():
            try:
                known(rule, ALL_RULES, "rule")
            except ValueError as error:
                yield Problem(node.at(IGNORE, rule), str(error))
                continue
            if not isinstance(reason, str) or not reason.strip():
                yield Problem(node.at(IGNORE, rule), f"no reason is given for ignoring {rule}")


def _repeated_keys(file: ContractFile, severity: Severity) -> Iterator[Finding]:
    """A key that stands twice in a mapping loses one of its values without a word."""
    for each in repeated_keys(file):
        message = f"{each.place.pointer}: the key stands on line {each.first_line} already"
        yield Finding(DUPLICATE_KEY, message, severity, each.place)


def _finding(file: ContractFile, rule: str, problem: Problem, severity: Severity) -> Finding:
    # Where the rule was given another severity than it has by itself, that holds for every case of it.
    grade = problem.severity if problem.severity and severity is USUAL.get(rule) else severity
    reason = (RULES[rule].__doc__ or "").partition("\n")[0] if rule in RULES else None
    advice = f"its schema: {file.place(problem.schema)}" if problem.schema is not None else reason
    where = problem.pointer or "the document"
    return Finding(rule, f"{where}: {problem.message}", grade, file.place(problem.pointer), advice)
