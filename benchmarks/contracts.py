"""Servers of any contract: a small one and GitHub's, examples and generated answers."""

import contextlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import load, servers
from benchmarks.results import Results
from benchmarks.servers import MODULES, PEERS, Peer, Running
from benchmarks.usage import NotMeasured, resident_bytes
from benchmarks.works import Work

SMALL = PEERS / "bookshop.yaml"
GITHUB = MODULES / "@octokit" / "openapi" / "generated" / "api.github.com.json"
GITHUB_PATIENCE_S = 300

EXAMPLE = Work(
    name="example", title="an example of a small contract", method="GET", path="/books", status=200
)
GENERATED = replace(
    EXAMPLE,
    name="generated",
    title="a generated answer of a small contract",
    headers={"Prefer": "dynamic=true"},
)
GITHUB_EXAMPLE = replace(
    EXAMPLE,
    name="github",
    title="an example of GitHub's contract",
    path="/repos/octocat/hello/topics",
)


def _serving(contract: Path) -> Callable[[int, Path], list[str]]:
    def command(port: int, _folder: Path) -> list[str]:
        return [sys.executable, "-m", "eqkit", "serve", str(contract), "--quiet", "--port", str(port)]

    return command


def _mocking(contract: Path) -> Callable[[int, Path], list[str]]:
    def command(port: int, _folder: Path) -> list[str]:
        return [servers.node("prism"), "mock", "--port", str(port), str(contract)]

    return command


OF_SMALL = (
    Peer("eqkit", "eqkit", _serving(SMALL), first=EXAMPLE),
    Peer("starlette", "plain Starlette", servers.uvicorn("plain_example"), first=EXAMPLE),
    Peer("prism", "Prism", _mocking(SMALL), warm_up_s=3, first=EXAMPLE),
)
OF_GITHUB = (
    Peer("eqkit", "eqkit", _serving(GITHUB), first=GITHUB_EXAMPLE, patience_s=GITHUB_PATIENCE_S),
    Peer("prism", "Prism", _mocking(GITHUB), first=GITHUB_EXAMPLE, patience_s=GITHUB_PATIENCE_S),
)


def measure(
    results: Results,
    folder: Path,
    rounds: int,
    seconds: int,
    *,
    miss: Callable[[str], object],
    say: Callable[[str], object],
) -> None:
    """Add the runs and figures of servers of any contract to the results."""
    with contextlib.ExitStack() as stack:
        up = []
        for peer in OF_SMALL:
            try:
                up.append(stack.enter_context(servers.running(peer, folder)))
            except NotMeasured as reason:
                miss(f"{peer.title} of a small contract: {reason}")
        works = [replace(each, peers=("eqkit", "starlette", "prism")) for each in (EXAMPLE, GENERATED)]
        results.runs += load.rounds(up, works, rounds, seconds, miss=miss, say=say)
    _measure_github(results, folder, rounds, seconds, miss=miss, say=say)


def _measure_github(
    results: Results,
    folder: Path,
    rounds: int,
    seconds: int,
    *,
    miss: Callable[[str], object],
    say: Callable[[str], object],
) -> None:
    if not GITHUB.exists():
        miss(f"GitHub's contract: not installed: {servers.INSTALL}")
        return
    text = GITHUB.read_text()
    parses = []
    for _ in range(3):
        begun = time.perf_counter()
        json.loads(text)
        parses.append(time.perf_counter() - begun)
    results.figures["github_parse_s"] = statistics.median(parses)
    for peer in OF_GITHUB:
        try:
            with servers.running(peer, folder) as server:
                _note(results, server, say)
                if peer.name == "eqkit":
                    only = [replace(GITHUB_EXAMPLE, peers=("eqkit",))]
                    results.runs += load.rounds([server], only, rounds, seconds, miss=miss, say=say)
        except NotMeasured as reason:
            miss(f"{peer.title} of GitHub's contract: {reason}")


def _note(results: Results, server: Running, say: Callable[[str], object]) -> None:
    name = server.peer.name
    results.figures[f"github_start_{name}_s"] = server.cold_start_s
    results.figures[f"github_{name}_bytes"] = resident_bytes(server.pid)
    say(f"{server.peer.title}: {server.cold_start_s:.2f} s to the first answer of GitHub's contract")
