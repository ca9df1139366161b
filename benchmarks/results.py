"""The results of one run of the benchmarks, and the bars that they are compared with."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks import hold_ups
from benchmarks.load import FEW, IDLE, MANY, MIXED, Run

LONGEST_HOLD_UP_MS = 100
"""How long one request may keep everybody else waiting."""


@dataclass(slots=True)
class Results:
    """Runs, figures by name, and why something was not measured."""

    runs: list[Run] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def median(self, work: str, peer: str, of: Callable[[Run], float]) -> float | None:
        """Return the median over the rounds; None if there was no such run."""
        values = [of(run) for run in self.runs if (run.work, run.peer) == (work, peer)]
        return statistics.median(values) if values else None

    def ratio(
        self, ours: tuple[str, str], theirs: tuple[str, str], of: Callable[[Run], float]
    ) -> float | None:
        """Return the median of the ratios of each round; None if they share no round."""
        by_round = {run.round: of(run) for run in self._of(theirs)}
        ratios = [of(run) / by_round[run.round] for run in self._of(ours) if by_round.get(run.round)]
        return statistics.median(ratios) if ratios else None

    def _of(self, place: tuple[str, str]) -> Sequence[Run]:
        return [run for run in self.runs if (run.work, run.peer) == place]


@dataclass(frozen=True, slots=True)
class Bar:
    """One promise about speed or size: the measured value and its bound."""

    what: str
    measured: float | None
    bound: float
    unit: str = "×"
    at_least: bool = True

    @property
    def met(self) -> bool | None:
        """Whether the promise was kept; None if nobody looked."""
        if self.measured is None:
            return None
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


def bars(results: Results) -> list[Bar]:
    """Return every bar with its measured value."""
    return [
        *_ratio_bars(results),
        *_figure_bars(results),
        *_contract_bars(results),
        *_hold_up_bars(results),
    ]


def _rate(run: Run) -> float:
    return run.rate


def _ratio_bars(results: Results) -> list[Bar]:
    def against(work: str, peer: str, of: Callable[[Run], float] = _rate) -> float | None:
        return results.ratio((work, "eqkit"), (work, peer), of)

    per_cpu = against("enqueue-32", "wiremock", lambda run: run.rate_per_cpu)
    rejected = results.ratio(("rejected", "eqkit"), ("enqueue-32", "eqkit"), _rate)
    requests = results.ratio((MANY, "eqkit"), (FEW, "eqkit"), lambda run: run.p50_ms)
    return [
        Bar("enqueue one message, against plain Starlette + orjson", against("enqueue-32", "starlette"), 0.9),
        Bar("enqueue one message, against stock Connexion", against("enqueue-32", "connexion"), 8),
        Bar("enqueue one message, against Prism", against("enqueue-32", "prism"), 6),
        Bar("enqueue one message, against Mockoon", against("enqueue-32", "mockoon"), 15),
        Bar("enqueue one message, against WireMock warmed up, per CPU second", per_cpu, 1),
        Bar("enqueue 1,000 at once, against plain Starlette + orjson", against("bulk", "starlette"), 0.7),
        Bar("enqueue 1,000 at once, against stock Connexion", against("bulk", "connexion"), 10),
        Bar("a request with three faults, against an accepted one", rejected, 0.5),
        Bar("p50 of enqueueing with 1 M pending, against 1 k, over HTTP", requests, 1.2, at_least=False),
    ]


def _figure_bars(results: Results) -> list[Bar]:
    def minimum(what: str, name: str, bound: float, unit: str) -> Bar:
        return Bar(what, figures.get(name), bound, unit, at_least=True)

    def limit(what: str, name: str, bound: float, unit: str) -> Bar:
        return Bar(what, figures.get(name), bound, unit, at_least=False)

    figures = results.figures
    found = [
        limit("p50 of a put with 1 M pending, against 1 k, in the queue alone", "put_ratio", 1.2, "×"),
        limit("memory of a pending message with a body of 100 bytes", "bytes_per_message", 450, "B"),
        limit("lateness at 10 k deliveries a second, p99", "late_p99_ms", 5, "ms"),
        minimum("the earliest delivery, after its due time", "earliest_ms", 0, "ms"),
        limit("advance over 1 M messages scattered over a day", "advance_day_s", 5, "s"),
        limit("the longest that nobody else is answered meanwhile", "stall_day_s", 0.1, "s"),
        limit("cold start to the first answer", "cold_start_eqkit_s", 0.8, "s"),
        limit("cold start where bytecode can't be written", "cold_start_uncompiled_s", 3, "s"),
    ]
    if "cold_start_prism_s" in figures:
        prism = figures["cold_start_prism_s"]
        found.append(limit("cold start, against Prism's", "cold_start_eqkit_s", prism, "s"))
    return found


def _contract_bars(results: Results) -> list[Bar]:
    """Return the bars of servers of any contract."""
    figures = results.figures

    def share(ours: str, theirs: str, times: float = 1) -> float | None:
        return figures[ours] / (figures[theirs] * times) if {ours, theirs} <= figures.keys() else None

    def against(work: str, peer: str) -> float | None:
        return results.ratio((work, "eqkit"), (work, peer), _rate)

    slower = results.ratio(("example", "eqkit"), ("github", "eqkit"), _rate)
    p50 = results.median("generated", "eqkit", lambda run: run.p50_ms)
    p99 = results.median("generated", "eqkit", lambda run: run.p99_ms)
    start, prism = "github_start_eqkit_s", "github_start_prism_s"
    return [
        Bar("an example of a small contract, against Prism", against("example", "prism"), 8),
        Bar("an example, against plain Starlette with the same bytes", against("example", "starlette"), 0.8),
        Bar("a generated answer, against Prism's dynamic one", against("generated", "prism"), 5),
        Bar("p99 of a generated answer, against p50", p99 and p50 and p99 / p50, 10, at_least=False),
        Bar(
            "GitHub's contract: start to first answer, against Prism",
            share(start, prism),
            0.1,
            at_least=False,
        ),
        Bar(
            "GitHub's contract: start to first answer, against parsing it twice",
            share(start, "github_parse_s", 2),
            1,
            at_least=False,
        ),
        Bar("GitHub's contract: an example, against one of a small contract", slower, 1.5, at_least=False),
        Bar(
            "GitHub's contract: memory, against Prism",
            share("github_eqkit_bytes", "github_prism_bytes"),
            0.6,
            at_least=False,
        ),
    ]


def _hold_up_bars(results: Results) -> list[Bar]:
    return [
        Bar(
            f"the longest that /health waits meanwhile: {hold_up.work.title}",
            results.figures.get(f"hold_up_{hold_up.name}_ms"),
            LONGEST_HOLD_UP_MS,
            "ms",
            at_least=False,
        )
        for hold_up in hold_ups.ALL
    ]


def mixed_ratio(results: Results) -> float | None:
    """Return the rate with 100 k pending and 2 k deliveries a second, against that of a server at rest."""
    return results.ratio((MIXED, "eqkit"), (IDLE, "eqkit"), _rate)
