"""The result of each generator, as ``results.json`` and as the table of the docs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sdks.generators import HERE, STEPS

RECORDED = HERE / "results.json"
PAGE = HERE.parent / "docs/how-to/generate-a-client.md"


@dataclass(frozen=True, slots=True)
class Result:
    """How far one generator came; `steps` are those that its example passed, None where it has no example."""

    name: str
    version: str
    strict: str
    compiled: bool
    steps: tuple[str, ...] | None

    @property
    def passed(self) -> bool:
        """Whether the client compiles, and its example went through every step."""
        return self.compiled and (self.steps is None or set(self.steps) == set(STEPS))


def record(results: Sequence[Result], file: Path) -> None:
    """Write results into a file."""
    file.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")


def recorded(file: Path = RECORDED) -> list[Result]:
    """Return the results of a file."""
    return [
        Result(**entry | {"steps": None if entry["steps"] is None else tuple(entry["steps"])})
        for entry in json.loads(file.read_text())
    ]


def tables(results: Sequence[Result]) -> str:
    """Return two tables in Markdown: of the clients that were run, and of those compiled alone."""
    run = [result for result in results if result.steps is not None]
    compiled = [result for result in results if result.steps is None]
    return f"{_table(run, STEPS)}\n\n{_table(compiled, ())}"


def _table(results: Sequence[Result], steps: Sequence[str]) -> str:
    heads = ["Generator", "Version", *steps, "Compiled under"]
    rows = [heads, ["---"] * len(heads), *(_row(result, steps) for result in results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(result: Result, steps: Sequence[str]) -> list[str]:
    passed = ["yes" if step in (result.steps or ()) else "no" for step in steps]
    return [result.name, result.version, *passed, result.strict if result.compiled else "no"]
