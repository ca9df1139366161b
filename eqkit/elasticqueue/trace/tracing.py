"""Docs and contract proved against each other: each fact claimed, each claim true, each leaf justified."""

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
from eqkit.elasticqueue.trace.claims import Claim, Claims, Verdict
from eqkit.elasticqueue.trace.contradictions import contradictions
from eqkit.elasticqueue.trace.decisions import Decisions
from eqkit.elasticqueue.trace.origins import Origins, check_origins, children, origins_of
from eqkit.elasticqueue.trace.server import check_server
from eqkit.elasticqueue.trace.slate import Fact, SlateFile


class Trace:
    """One docs file, the claims on it and the contract, checked in both directions.

    Without docs, only the direction from the contract is checked, which a note says.
    """

    def __init__(self, contract: ContractFile, claims: Claims, slate: SlateFile | None) -> None:
        """Take what is to be compared; the decision records are those of the project of the claims."""
        self._contract = contract
        self._claims = claims
        self._slate = slate
        self._decisions = Decisions(claims.file.resolve().parent.parent)
        self._by_fact: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims.claims:
            self._by_fact[claim.fact].append(claim)

    def run(self) -> Run:
        """Check everything."""
        origins = origins_of(self._contract, self._claims)
        findings = [
            *self._docs_against_claims(),
            *self._claims_among_themselves(),
            *self._claims_against_contract(origins),
            *check_origins(self._contract, self._claims, self._decisions, origins),
            *self._contradictions(),
        ]
        facts = list(self._by_fact) if self._slate is None else [fact.name for fact in self._slate.facts]
        elements = [element.pointer for element in origins.elements.values()]
        accounted = origins.leaves - len(origins.orphans)
        rows = [("contract → docs", f"{accounted} of {origins.leaves} leaves have an origin")]
        if self._slate is not None:
            claimed = sum(name in self._by_fact for name in facts)
            rows.insert(0, ("docs → contract", f"{claimed} of {len(facts)} facts are claimed"))
        table = Table("Traced", ("direction", "proved"), rows)
        return Run("trace", [*facts, *elements], findings, details={"traced": table})

    def _docs_against_claims(self) -> Iterator[Finding]:
        if self._slate is None:
            message = "no docs were given: the claims were checked against the contract alone"
            yield Finding("trace-no-docs", message, Severity.NOTE, Place(self._claims.file))
            return
        facts = {fact.name: fact for fact in self._slate.facts}
        for fact in facts.values():
            claimed = self._by_fact.get(fact.name, [])
            if not claimed:
                message = (
                    f"{fact.name}: the docs state {format_value(fact.value)}, and no claim is made on it"
                )
                advice = f"add to {self._claims.file}: {{fact: {fact.name}, line: {fact.line}, …}}"
                yield Finding("trace-unclaimed", message, place=self._place(fact.line), advice=advice)
            for claim in claimed:
                yield from self._quoted(claim, fact)
        for claim in self._claims.claims:
            if claim.fact not in facts:
                message = f"{claim.fact}: the docs state no such thing"
                yield Finding("trace-no-such-fact", message, place=claim.place)

    def _quoted(self, claim: Claim, fact: Fact) -> Iterator[Finding]:
        if not same(claim.says, fact.value):
            message = (
                f"{fact.name}: the docs say {format_value(fact.value)}, the claim {format_value(claim.says)}"
            )
            yield Finding("trace-misquoted", message, place=claim.place)
        if claim.line != fact.line:
            message = f"{fact.name}: it stands on line {fact.line} of the docs, not on {claim.line}"
            yield Finding("trace-moved", message, place=claim.place)

    def _claims_among_themselves(self) -> Iterator[Finding]:
        for fact, claims in self._by_fact.items():
            for claim in claims[1:]:
                message = f"{fact}: it is claimed on line {claims[0].place.line} already"
                yield Finding("trace-claimed-twice", message, place=claim.place)
        for claim in self._claims.claims:
            for rule, message in self._faults(claim):
                yield Finding(rule, f"{claim.fact}: {message}", place=claim.place)

    def _faults(self, claim: Claim) -> Iterator[tuple[str, str]]:
        if not claim.decisions and claim.verdict in (Verdict.CORRECTED, Verdict.EXTENDED):
            yield "trace-undecided", f"it is {claim.verdict}, and no decision says why"
        if not claim.decisions and not claim.note and claim.verdict is Verdict.REJECTED:
            yield "trace-undecided", "it is rejected, and neither a decision nor a note says why"
        if not claim.pointers and claim.verdict is not Verdict.REJECTED:
            yield "trace-empty-claim", f"it is {claim.verdict}, and the claim asserts nothing of the contract"
        if self._decisions.known:
            for decision in claim.decisions:
                if not self._decisions.has(decision):
                    yield "trace-no-such-decision", f"there is no record {decision}"

    def _claims_against_contract(self, origins: Origins) -> Iterator[Finding]:
        for claim in self._claims.claims:
            for rule, message, pointer in self._untrue(claim):
                place, advice = self._contract.place(pointer), f"claimed at {claim.place}"
                yield Finding(rule, f"{claim.fact}: {message}", place=place, advice=advice)
            nearest = [above[0] for above in map(origins.above, claim.pointers) if above]
            cited = {ruling for p in claim.pointers for each in origins.above(p) for ruling in each.rulings}
            if claim.verdict in (Verdict.KEPT, Verdict.CORRECTED):
                if nearest and all(element.origin == "implied" for element in nearest):
                    message = f"{claim.fact}: it stands in the docs, and the contract calls it implied"
                    yield Finding("trace-origin", message, place=self._contract.place(nearest[0].pointer))
                if claim.verdict is Verdict.CORRECTED and nearest and not claim.rulings & cited:
                    message = f"{claim.fact}: no x-ruling where it leads to cites its decision"
                    yield Finding("trace-unruled", message, place=claim.place)

    def _untrue(self, claim: Claim) -> Iterator[tuple[str, str, str]]:
        for pointer, value in claim.contract.items():
            try:
                there = _at(self._contract, pointer)
            except KeyError:
                yield "trace-contract", f"the contract has nothing at {pointer}", pointer
                continue
            if not same(there, value):
                message = (
                    f"the contract says {format_value(there)} at {pointer}, the claim {format_value(value)}"
                )
                yield "trace-contract", message, pointer
        for pointer in claim.absent:
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
            claims = [claim for fact in each.facts for claim in self._by_fact.get(fact, [])]
            settled = [claim for claim in claims if claim.verdict is not Verdict.KEPT]
            reasons = dict.fromkeys(
                reason
                for claim in settled
                for reason in claim.decisions or ([claim.note] if claim.note else [])
            )
            severity = Severity.NOTE if reasons else Severity.ERROR
            advice = f"settled: {', '.join(reasons)}" if reasons else "decide, and claim what was decided"
            message = f"{each.facts[0]}: {each.message}"
            yield Finding(each.rule, message, severity, self._place(each.line), advice)

    def _place(self, line: int) -> Place | None:
        return None if self._slate is None else Place(self._slate.file, line)


def trace(
    contract: Path | None = None,
    claims: Path | None = None,
    docs: Path | None = None,
    server: str | None = None,
) -> Run:
    """Run the check over files, by default those installed; raises ContractError for unusable ones.

    With `server`, a base URL, the documented requests are sent there, and its answers checked, too.
    """
    made = Claims.load(claims or installed("claims.yaml"))
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
