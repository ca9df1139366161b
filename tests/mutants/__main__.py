"""``python -m tests.mutants``: change one line of the code at a time, and count the changes tests notice.

A sample is drawn from all changes, the same for the same seed. Each is tried in a copy of the checkout, with
the tests alone that run its line; one run with coverage finds these. The score is the share of changes that
make a test fail.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants.changes import FOLDERS, ROOT, Mutant, sample
from tests.mutants.measuring import Chosen, Measured, measure
from tests.mutants.runs import FORK, copy_checkout, preload
from tests.mutants.trials import try_all

TESTS = ("tests/delay", "tests/timing", "tests/contract", "tests/sandbox", "tests/mocks")


def tried(folders: list[Path], drawn: list[Mutant], measured: Measured, until: float) -> dict[Mutant, bool]:
    """Return for each change that there was time for whether a test notices it."""
    chosen = {mutant: measured.choose(mutant) for mutant in drawn}
    verdicts = {mutant: False for mutant, tests in chosen.items() if tests is None}
    reachable = [(mutant, tests) for mutant, tests in chosen.items() if tests is not None]
    queue = FORK.SimpleQueue()
    processes = []
    for number, folder in enumerate(folders):
        mine = dict(reachable[number :: len(folders)])

        def work(folder: Path = folder, mine: dict[Mutant, Chosen] = mine) -> None:
            try_all(folder, mine, until, lambda mutant, is_noticed: queue.put((mutant, is_noticed)))
            queue.put(None)

        processes.append(FORK.Process(target=work))
        processes[-1].start()
    left = len(processes)
    while left:
        messages = queue.get()
        if messages is None:
            left -= 1
        else:
            verdicts[messages[0]] = messages[1]
    return verdicts


def main() -> int:
    """Try a sample of changes, and print the unnoticed ones; fail below the score demanded."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=120, help="changes to try")
    parser.add_argument(
        "--seed",
        type=int,
        nargs="+",
        default=[1],
        help="the same seed draws the same changes; several are run",
    )
    parser.add_argument(
        "--minutes", type=float, default=45, help="time for all of them; the rest is left out"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes that work side by side")
    parser.add_argument("--folders", nargs="+", default=FOLDERS, help="folders whose code is changed")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="folders of the tests that may notice")
    parser.add_argument("--fail-under", type=float, default=90, help="the least score, in percent")
    options = parser.parse_args()
    samples = {seed: sample(options.count, seed, tuple(options.folders)) for seed in options.seed}
    preload()
    until = time.monotonic() + 60 * options.minutes
    worst = 100.0
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch) / str(number) for number in range(options.workers)]
        for folder in folders:
            copy_checkout(folder)
        measured = measure(folders, options.tests)
        for seed, drawn in samples.items():
            verdicts = tried(folders, drawn, measured, until)
            for mutant in drawn:
                if verdicts.get(mutant) is False:
                    print(mutant.description((ROOT / mutant.file).read_text()))
            if len(verdicts) < len(drawn):
                print(f"mutants: the time is up; {len(drawn) - len(verdicts)} are left out")
            noticed = sum(verdicts.values())
            score = 100 * noticed / max(1, len(verdicts))
            print(f"mutants: {noticed} of {len(verdicts)} noticed, {score:.0f} % (seed {seed})", flush=True)
            worst = min(worst, score)
    return 1 if worst < options.fail_under else 0


if __name__ == "__main__":
    sys.exit(main())
