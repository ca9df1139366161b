"""Results as the page ``docs/reference/performance.md``."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import contracts, hold_ups, servers, works
from benchmarks.load import FEW, IDLE, MANY, MIXED
from benchmarks.results import Bar, Results, bars, mixed_ratio
from benchmarks.usage import LOAD_CORE, SERVER_CORE

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "performance.md"
PACKAGES = ("eqkit", "connexion", "starlette", "uvicorn", "uvloop", "httptools", "orjson", "jsonschema-rs")
NPM_PACKAGES = ("@stoplight/prism-cli", "@mockoon/cli", "wiremock", "@octokit/openapi")
NOTHING = "—"


def page(results: Results, rounds: int, seconds: int) -> str:
    """Return the page for some results."""
    parts = [
        "# Performance\n\n<!-- Written by `python -m benchmarks`; changes by hand are lost. -->",
        _method(rounds, seconds),
        "## What is promised, and what was measured\n\n" + _bars(bars(results)),
        "## Requests per second\n\n" + _rates(results),
        "## Requests per CPU second of the server\n\n"
        "User and system time of the process and its children. It is what counts where a server has more "
        "than one thread, as WireMock has.\n\n" + _per_cpu(results),
        "## Any contract\n\n" + _contracts(results),
        "## Latency\n\nMedians over the rounds of p50 / p99, in milliseconds.\n\n" + _latencies(results),
        "## How long others wait\n\n" + _hold_ups(results),
        "## Start and size\n\n" + _starts(results),
        "## The queue alone\n\n" + _figures(results),
    ]
    if results.missing:
        parts.append(
            "## Not measured, or with losses\n\n" + "\n".join(f"- {reason}" for reason in results.missing)
        )
    return "\n\n".join(parts) + "\n"


def _method(rounds: int, seconds: int) -> str:
    return (
        f"`make bench` wrote this page on {datetime.now(UTC):%Y-%m-%d}. Every server runs as one process "
        f"with its defaults on core {SERVER_CORE}, the load generator `wrk` on core {LOAD_CORE}. Each work "
        f"is done in {rounds} rounds, and in each round every server in turn gets {seconds} seconds of it; "
        "the figures are medians over the rounds, and a ratio is the median of the ratios of each round. "
        "Servers are warmed up, WireMock for 15 seconds, and each turn begins when all of them are at rest. "
        "Plain Starlette looks neither at keys nor at documents; Mockoon and WireMock answer from stubs "
        "written by hand.\n\n"
        f"Machine: {_processor()}, {os.cpu_count()} cores, {_memory_gib()} GiB, {platform.system()} "
        f"{platform.release()}.\n\nVersions: {', '.join(_versions())}."
    )


def _bars(found: Iterable[Bar]) -> str:
    verdicts = {True: "met", False: "**not met**", None: "not measured"}
    rows = [
        (
            bar.what,
            NOTHING if bar.measured is None else f"{_short(bar.measured)} {bar.unit}",
            f"{'≥' if bar.at_least else '≤'} {_short(bar.bound)} {bar.unit}",
            verdicts[bar.met],
        )
        for bar in found
    ]
    return _table(("", "measured", "promised", ""), rows)


def _rates(results: Results) -> str:
    def cell(work: str, peer: str) -> str:
        rate = results.median(work, peer, lambda run: run.rate)
        ratio = results.ratio((work, "eqkit"), (work, peer), lambda run: run.rate)
        if rate is None:
            return NOTHING
        return f"{rate:,.0f}" if ratio is None or peer == "eqkit" else f"{rate:,.0f} ({_short(ratio)} ×)"

    return "In brackets: eqkit's rate, as a multiple of this one.\n\n" + _by_peer(cell) + _mixed(results)


def _mixed(results: Results) -> str:
    idle, busy = (results.median(work, "eqkit", lambda run: run.rate) for work in (IDLE, MIXED))
    ratio = mixed_ratio(results)
    if idle is None or busy is None or ratio is None:
        return ""
    return (
        f"\n\nWith 100,000 messages pending and 2,000 deliveries a second, eqkit enqueues {busy:,.0f} a "
        f"second, against {idle:,.0f} at rest: {_short(ratio)} ×."
    )


def _per_cpu(results: Results) -> str:
    def cell(work: str, peer: str) -> str:
        rate = results.median(work, peer, lambda run: run.rate_per_cpu)
        return NOTHING if rate is None else f"{rate:,.0f}"

    return _by_peer(cell)


def _latencies(results: Results) -> str:
    def cell(work: str, peer: str) -> str:
        p50 = results.median(work, peer, lambda run: run.p50_ms)
        p99 = results.median(work, peer, lambda run: run.p99_ms)
        return NOTHING if p50 is None or p99 is None else f"{_short(p50)} / {_short(p99)}"

    few, many = (results.median(work, "eqkit", lambda run: run.p50_ms) for work in (FEW, MANY))
    text = _by_peer(cell)
    if few is not None and many is not None:
        text += (
            "\n\nWith one connection, eqkit's p50 of enqueueing a message that is due at once is "
            f"{few:.3f} ms with 1,000 messages pending, and {many:.3f} ms with a million."
        )
    return text


def _contracts(results: Results) -> str:
    """Return the table of servers of any contract."""

    def cell(work: str, peer: str) -> str:
        rate = results.median(work, peer, lambda run: run.rate)
        p50 = results.median(work, peer, lambda run: run.p50_ms)
        p99 = results.median(work, peer, lambda run: run.p99_ms)
        if rate is None or p50 is None or p99 is None:
            return NOTHING
        return f"{rate:,.0f}, {_short(p50)} / {_short(p99)} ms"

    rows = [
        (work.title, *(cell(work.name, peer.name) for peer in contracts.OF_SMALL))
        for work in (contracts.EXAMPLE, contracts.GENERATED, contracts.GITHUB_EXAMPLE)
    ]
    starts = [
        f"{peer.title} {results.figures[f'github_start_{peer.name}_s']:.2f} s"
        f" and {results.figures[f'github_{peer.name}_bytes'] / (1 << 20):.0f} MiB"
        for peer in contracts.OF_GITHUB
        if f"github_start_{peer.name}_s" in results.figures
    ]
    text = _table(("", *(peer.title for peer in contracts.OF_SMALL)), rows)
    return (
        "Requests per second, and p50 / p99. The small contract has ten operations, and GitHub's has 1,223 "
        "in 13 MB.\n\n"
        + text
        + (
            f"\n\nGitHub's contract, from the start to the first answer: {', '.join(starts)}."
            if starts
            else ""
        )
    )


def _by_peer(cell: Callable[[str, str], str]) -> str:
    rows = [(work.title, *(cell(work.name, peer.name) for peer in servers.ALL)) for work in works.ALL]
    return _table(("", *(peer.title for peer in servers.ALL)), rows)


def _starts(results: Results) -> str:
    def figure(name: str, peer: str, form: str, scale: float = 1) -> str:
        value = results.figures.get(f"{name}_{peer}")
        return NOTHING if value is None else form.format(value * scale)

    rows = [
        (
            peer.title,
            figure("cold_start", f"{peer.name}_s", "{:.2f} s"),
            figure("idle", f"{peer.name}_bytes", "{:.0f} MiB", 1 / (1 << 20)),
        )
        for peer in servers.STARTED
    ]
    return "From the start of the process to its first 202, and its resident memory then.\n\n" + _table(
        ("", "cold start", "memory at rest"), rows
    )


def _hold_ups(results: Results) -> str:
    def figure(name: str, of: str, unit: str) -> str:
        value = results.figures.get(f"hold_up_{name}_{of}")
        return NOTHING if value is None else f"{_short(value)} {unit}"

    rows = [
        (hold_up.work.title, figure(hold_up.name, "work_s", "s"), figure(hold_up.name, "ms", "ms"))
        for hold_up in (hold_ups.AT_REST, *hold_ups.ALL)
    ]
    return (
        "One client sends a large request to a fresh server while another asks for `/health` every few "
        "milliseconds, until a second after the answer. The time of the request is the median of the rounds, "
        "the wait of `/health` the longest in any of them.\n\n"
        + _table(("", "answered after", "longest wait of /health"), rows)
    )


def _figures(results: Results) -> str:
    shown = {
        "put": ("a put", "us", ("1k", "100k", "1m")),
        "deliver": ("a delivery", "us", ("1k", "100k", "1m")),
        "late": ("lateness at 10,000 deliveries a second: p50, p99, the most", "ms", ("p50", "p99", "max")),
        "advance": ("advance over a million: scattered over a day, over a second", "s", ("day", "second")),
        "stall": ("the longest that nothing else ran meanwhile", "s", ("day", "second")),
    }
    rows = []
    for name, (what, unit, columns) in shown.items():
        values = [results.figures.get(f"{name}_{column}_{unit}") for column in columns]
        text = ", ".join(NOTHING if value is None else _short(value) for value in values)
        title = f"p50 of {what} with 1 k, 100 k, 1 M pending" if unit == "us" else what
        rows.append((title, f"{text} {'µs' if unit == 'us' else unit}"))
    server = results.figures.get("server_bytes_per_message")
    if server is not None:
        rows.append(("memory of a pending message with 200 bytes, in the server", f"{_short(server)} B"))
    return _table(("", ""), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) + ("---:",) * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _short(value: float) -> str:
    """Return a figure with three digits that count."""
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def _versions() -> list[str]:
    found = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)]
    found += [f"{name} {message}" for name in NPM_PACKAGES if (message := _npm_version(name))]
    for name, command in {
        "Node": ["node", "--version"],
        "Java": ["java", "-version"],
        "wrk": ["wrk", "-v"],
    }.items():
        if message := _told(command):
            found.append(f"{name} {message}")
    return found


def _npm_version(name: str) -> str | None:
    manifest = servers.MODULES / name / "package.json"
    message = re.search(r'"version": "([^"]+)"', manifest.read_text()) if manifest.exists() else None
    return message.group(1) if message else None


def _told(command: list[str]) -> str | None:
    """Return the version that a program tells of itself; None if there is no such program."""
    if shutil.which(command[0]) is None:
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    message = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return message.group() if message else None


def _processor() -> str:
    message = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return message.group(1) if message else platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30))
