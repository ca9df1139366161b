"""Measure eqkit and its peers: ``python -m benchmarks``, which writes ``docs/reference/performance.md``.

It needs Linux, ``wrk``, and for three of the peers Node, Java and ``npm ci --prefix benchmarks/peers``. A
peer or tool that is missing is reported as not measured.
"""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from benchmarks import contracts, hold_ups, load, servers, works
from benchmarks.in_process import MEASURES
from benchmarks.report import PAGE, page
from benchmarks.results import Results
from benchmarks.usage import SERVER_CORE, NotMeasured, on_core, resident_bytes

FULL_ROUNDS, FULL_SECONDS, FULL_SCALE = 5, 3, 1_000
QUICK_ROUNDS, QUICK_SECONDS, QUICK_SCALE = 1, 1, 50
STARTS = 5
EQKIT = servers.ALL[0]


class Bench:
    """One run of the benchmarks: its settings and its results so far."""

    def __init__(self, *, quick: bool) -> None:
        """Be thorough, or quick, which is for trying the benchmarks themselves."""
        self.rounds = QUICK_ROUNDS if quick else FULL_ROUNDS
        self.seconds = QUICK_SECONDS if quick else FULL_SECONDS
        self.scale = QUICK_SCALE if quick else FULL_SCALE
        self.results = Results()

    def starts(self, folder: Path) -> None:
        """Start every peer some times, and weigh it once it answers."""
        for peer in servers.STARTED:
            seconds, sizes = [], []
            with self.or_missing(peer.title):
                for _ in range(STARTS if self.scale == FULL_SCALE else 1):
                    with servers.running(peer, folder) as server:
                        seconds.append(server.cold_start_s)
                        sizes.append(resident_bytes(server.pid))
                self.results.figures[f"cold_start_{peer.name}_s"] = statistics.median(seconds)
                self.results.figures[f"idle_{peer.name}_bytes"] = statistics.median(sizes)
                say(f"{peer.title}: {statistics.median(seconds):.2f} s to the first answer")

    def peers(self, folder: Path, chosen: list[works.Work]) -> None:
        """Load all peers that can be had, in turn."""
        with contextlib.ExitStack() as stack:
            up = []
            for peer in servers.ALL:
                with self.or_missing(peer.title):
                    up.append(stack.enter_context(servers.running(peer, folder)))
            with self.or_missing("requests per second"):
                self.results.runs += load.rounds(
                    up, chosen, self.rounds, self.seconds, miss=self.miss, say=say
                )

    def mixed(self, folder: Path) -> None:
        """Load eqkit while it delivers."""
        with self.or_missing("the mixed load"), servers.running(EQKIT, folder) as server:
            self.results.runs += load.mixed_rounds(server, self.rounds, self.seconds, say)

    def pending(self, folder: Path) -> None:
        """Load eqkit with few and with many messages pending, and weigh it."""
        with self.or_missing("a million pending"), servers.running(EQKIT, folder) as server:
            load.fill(server, load.key_of(load.FEW), works.BULK)
            before, count = resident_bytes(server.pid), self.scale * 1_000
            load.fill(server, load.key_of(load.MANY), count)
            grown = resident_bytes(server.pid) - before
            self.results.figures["server_bytes_per_message"] = grown / count
            self.results.runs += load.pending_rounds(server, self.rounds, self.seconds, say)

    def hold_ups(self, folder: Path) -> None:
        """Ask a fresh eqkit for one large thing after the other, while somebody else asks for /health."""
        for hold_up in (hold_ups.AT_REST, *hold_ups.ALL):
            waits, seconds = [], []
            with self.or_missing("hold-ups"):
                for _ in range(self.rounds):
                    with servers.running(EQKIT, folder) as server:
                        measured = hold_ups.measure(server, hold_up)
                    waits.append(measured.longest_ms)
                    seconds.append(measured.work_s)
                self.results.figures[f"hold_up_{hold_up.name}_ms"] = max(waits)
                self.results.figures[f"hold_up_{hold_up.name}_work_s"] = statistics.median(seconds)
                say(f"{hold_up.work.title}: /health waited {max(waits):.1f} ms at the longest")

    def contracts(self, folder: Path) -> None:
        """Load servers of any contract."""
        contracts.measure(self.results, folder, self.rounds, self.seconds, miss=self.miss, say=say)

    def in_process(self, name: str) -> None:
        """Run a measure of the queue in a process of its own."""
        command = [sys.executable, "-m", "benchmarks.in_process", name, str(self.scale)]
        done = subprocess.run(on_core(SERVER_CORE, command), capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise NotMeasured(done.stderr[-300:].strip())
        figures: dict[str, float] = json.loads(done.stdout)
        self.results.figures |= figures
        say(f"{name}: {', '.join(f'{key} {value:.4g}' for key, value in figures.items())}")

    def miss(self, reason: str) -> None:
        """Note that something could not be measured."""
        if reason not in self.results.missing:
            self.results.missing.append(reason)
            say(f"not measured: {reason}")

    @contextlib.contextmanager
    def or_missing(self, what: str) -> Iterator[None]:
        """Leave out the parts that cannot be measured here."""
        try:
            yield
        except NotMeasured as reason:
            self.miss(f"{what}: {reason}")


def say(line: str) -> None:
    """Tell how far the benchmarks have come, beside the page that they print in the end."""
    click.echo(line, err=True)


SERVERS: dict[str, Callable[[Bench, Path], None]] = {
    "starts": Bench.starts,
    "mixed": Bench.mixed,
    "pending": Bench.pending,
    "hold-ups": Bench.hold_ups,
    "contracts": Bench.contracts,
}
NAMES = [*SERVERS, *MEASURES, *(work.name for work in works.ALL)]


@click.command()
@click.option(
    "--quick", is_flag=True, help="One short round of everything: to try the benchmarks themselves."
)
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Measure this alone. Repeatable.")
def main(*, quick: bool, only: tuple[str, ...]) -> None:
    """Measure, print the page, and write it unless it was a quick or a partial look."""
    wanted = set(only or NAMES)
    bench = Bench(quick=quick)
    for name in MEASURES:
        if name in wanted:
            with bench.or_missing(name):
                bench.in_process(name)
    with tempfile.TemporaryDirectory() as folder:
        for name, measure in SERVERS.items():
            if name in wanted:
                measure(bench, Path(folder))
        chosen = [work for work in works.ALL if work.name in wanted]
        if chosen:
            bench.peers(Path(folder), chosen)
    text = page(bench.results, bench.rounds, bench.seconds)
    click.echo(text)
    if not quick and not only:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text)


main(prog_name="python -m benchmarks")
