"""Docs and contract proved by each other: each fact traced, each requirement met, each leaf justified."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.quoting import format_value, same
from eqkit.checks.reports import Table
from eqkit.contract.document import Json, pointer_parts
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.source_map import ContractFile, installed
from eqkit.elasticqueue.trace.contradictions import contradictions
from eqkit.elasticqueue.trace.decisions import Decisions
from eqkit.elasticqueue.trace.origins import Origins, check_origins, children, origins_of
from eqkit.elasticqueue.trace.requirements import Disposition, Requirement, Traceability
from eqkit.elasticqueue.trace.server import check_server
from eqkit.elasticqueue.trace.slate import Fact, SlateFile


class Trace:
    """One docs file, the requirements on it and the contract, checked in both directions.

    Without docs, only the direction from the contract is checked, which a note says.
    """

    def __init__(self, contract: ContractFile, requirements: Traceability, slate: SlateFile | None) -> None:
        """Take the parts to compare; the decision records are those of the requirements' project."""
        self._contract = contract
        self._requirements = requirements
        self._slate = slate
        self._decisions = Decisions(requirements.file.resolve().parent.parent)
        self._by_fact: dict[str, list[Requirement]] = defaultdict(list)
        for requirement in requirements.requirements:
            self._by_fact[requirement.fact].append(requirement)

    def run(self) -> Run:
        """Check everything."""
        origins = origins_of(self._contract, self._requirements)
        findings = [
            *self._docs_against_requirements(),
            *self._requirements_among_themselves(),
            *self._requirements_against_contract(origins),
            *check_origins(self._contract, self._requirements, self._decisions, origins),
            *self._contradictions(),
        ]
        facts = list(self._by_fact) if self._slate is None else [fact.name for fact in self._slate.facts]
        elements = [element.pointer for element in origins.elements.values()]
        accounted = origins.leaves - len(origins.orphans)
        rows = [("contract → docs", f"{accounted} of {origins.leaves} leaves have an origin")]
        if self._slate is not None:
            traced = sum(name in self._by_fact for name in facts)
            rows.insert(0, ("docs → contract", f"{traced} of {len(facts)} facts are traced"))
        table = Table("Traced", ("direction", "proved"), rows)
        return Run("trace", [*facts, *elements], findings, details={"traced": table})

    def _docs_against_requirements(self) -> Iterator[Finding]:
        if self._slate is None:
            message = "no docs were given: the requirements were checked against the contract alone"
            yield Finding("trace-no-docs", message, Severity.NOTE, Place(self._requirements.file))
            return
        facts = {fact.name: fact for fact in self._slate.facts}
        for fact in facts.values():
            traced = self._by_fact.get(fact.name, [])
            if not traced:
                message = (
                    f"{fact.name}: the docs state {format_value(fact.value)}, which no requirement traces"
                )
                advice = f"add to {self._requirements.file}: {{fact: {fact.name}, line: {fact.line}, …}}"
                yield Finding("trace-untraced", message, place=self._place(fact.line), advice=advice)
            for requirement in traced:
                yield from self._quoted(requirement, fact)
        for requirement in self._requirements.requirements:
            if requirement.fact not in facts:
                message = f"{requirement.fact}: the docs state no such thing"
                yield Finding("trace-no-such-fact", message, place=requirement.place)

    def _quoted(self, requirement: Requirement, fact: Fact) -> Iterator[Finding]:
        if not same(requirement.says, fact.value):
            message = f"{fact.name}: the docs say {format_value(fact.value)}, "
            message += f"the requirement {format_value(requirement.says)}"
            yield Finding("trace-misquoted", message, place=requirement.place)
        if requirement.line != fact.line:
            message = f"{fact.name}: it stands on line {fact.line} of the docs, not on {requirement.line}"
            yield Finding("trace-moved", message, place=requirement.place)

    def _requirements_among_themselves(self) -> Iterator[Finding]:
        for fact, requirements in self._by_fact.items():
            for requirement in requirements[1:]:
                message = f"{fact}: it is traced on line {requirements[0].place.line} already"
                yield Finding("trace-duplicate", message, place=requirement.place)
        for requirement in self._requirements.requirements:
            for rule, message in self._faults(requirement):
                yield Finding(rule, f"{requirement.fact}: {message}", place=requirement.place)

    def _faults(self, requirement: Requirement) -> Iterator[tuple[str, str]]:
        if not requirement.decisions and requirement.disposition in (
            Disposition.CORRECTED,
            Disposition.EXTENDED,
        ):
            yield "trace-undecided", f"it is {requirement.disposition}, and no decision says why"
        if (
            not requirement.decisions
            and not requirement.note
            and requirement.disposition is Disposition.REJECTED
        ):
            yield "trace-undecided", "it is rejected, and neither a decision nor a note says why"
        if not requirement.pointers and requirement.disposition is not Disposition.REJECTED:
            yield (
                "trace-empty-requirement",
                f"it is {requirement.disposition}, and the requirement asserts nothing of the contract",
            )
        if self._decisions.known:
            for decision in requirement.decisions:
                if not self._decisions.has(decision):
                    yield "trace-no-such-decision", f"there is no record {decision}"

    def _requirements_against_contract(self, origins: Origins) -> Iterator[Finding]:
        for requirement in self._requirements.requirements:
            for rule, message, pointer in self._untrue(requirement):
                place, advice = self._contract.place(pointer), f"traced at {requirement.place}"
                yield Finding(rule, f"{requirement.fact}: {message}", place=place, advice=advice)
            nearest = [above[0] for above in map(origins.above, requirement.pointers) if above]
            cited = {
                ruling for p in requirement.pointers for each in origins.above(p) for ruling in each.rulings
            }
            if requirement.disposition in (Disposition.KEPT, Disposition.CORRECTED):
                if nearest and all(element.origin == "implied" for element in nearest):
                    message = f"{requirement.fact}: it stands in the docs, and the contract calls it implied"
                    yield Finding("trace-origin", message, place=self._contract.place(nearest[0].pointer))
                if (
                    requirement.disposition is Disposition.CORRECTED
                    and nearest
                    and not requirement.rulings & cited
                ):
                    message = f"{requirement.fact}: no x-ruling where it leads to cites its decision"
                    yield Finding("trace-unruled", message, place=requirement.place)

    def _untrue(self, requirement: Requirement) -> Iterator[tuple[str, str, str]]:
        for pointer, value in requirement.contract.items():
            try:
                there = _at(self._contract, pointer)
            except KeyError:
                yield "trace-contract", f"the contract has nothing at {pointer}", pointer
                continue
            if not same(there, value):
                message = f"the contract says {format_value(there)} at {pointer}, "
                message += f"the requirement {format_value(value)}"
                yield "trace-contract", message, pointer
        for pointer in requirement.absent:
            try:
                there = _at(self._contract, pointer)
            except KeyError:
                continue
            message = f"the contract says {format_value(there)} at {pointer}, where nothing should be"
            yield "trace-contract", message, pointer

    def _contradictions(self) -> Iterator[Finding]:
        """A contradiction is settled by a decision on one of its facts; the others may be kept."""
        if self._slate is None:
            return
        for each in contradictions(self._slate):
            requirements = [requirement for fact in each.facts for requirement in self._by_fact.get(fact, [])]
            settled = [
                requirement for requirement in requirements if requirement.disposition is not Disposition.KEPT
            ]
            reasons = dict.fromkeys(
                reason
                for requirement in settled
                for reason in requirement.decisions or ([requirement.note] if requirement.note else [])
            )
            severity = Severity.NOTE if reasons else Severity.ERROR
            advice = (
                f"settled: {', '.join(reasons)}" if reasons else "decide, and requirement what was decided"
            )
            message = f"{each.facts[0]}: {each.message}"
            yield Finding(each.rule, message, severity, self._place(each.line), advice)

    def _place(self, line: int) -> Place | None:
        return None if self._slate is None else Place(self._slate.file, line)


def trace(
    contract: Path | None = None,
    requirements: Path | None = None,
    docs: Path | None = None,
    server: str | None = None,
) -> Run:
    """Run the check over files, by default those installed; raises ContractError for unusable ones.

    With `server`, a base URL, the documented requests are sent there, and its answers checked, too.
    """
    made = Traceability.load(requirements or installed("traceability.yaml"))
    slate = SlateFile.read(docs) if docs else None
    run = Trace(ContractFile.load(contract), made, slate).run()
    if server is None or slate is None:
        return run
    return dataclasses.replace(run, findings=[*run.findings, *check_server(server, made, slate)])


def _at(contract: ContractFile, pointer: str) -> Json:
    node: Json = contract.document.data
    for part in pointer_parts(pointer):
        node = dict(children(node))[part]
    return node
