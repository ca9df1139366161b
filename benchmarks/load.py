"""Load on the servers: every work in rounds, and in each round every server gets its short run."""

import dataclasses
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from benchmarks.servers import Running
from benchmarks.usage import LOAD_CORE, NotMeasured, cpu_seconds, on_core, settle
from benchmarks.works import BULK, ENQUEUE, FAR_AWAY_MS, KEY, Work, bulk_of, delayed, in_steps, now_ms

SCRIPT = Path(__file__).parent / "work.lua"
MIXED, IDLE = "mixed", "idle"
FEW, MANY = "pending-1k", "pending-1m"
MIXED_PENDING = 100_000
MIXED_PER_SECOND = 2_000
HEAD_START_MS = 500


@dataclass(frozen=True, slots=True)
class Run:
    """One short run of a work against a server."""

    work: str
    peer: str
    round: int
    requests: int
    seconds: float
    cpu_seconds: float
    lost: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def rate_per_cpu(self) -> float:
        """Requests per second of the server's processor time."""
        return self.requests / max(self.cpu_seconds, 0.01)


def require_wrk() -> None:
    """Raise NotMeasured if there is no load generator."""
    if shutil.which("wrk") is None:
        raise NotMeasured("there is no wrk (on Debian: apt-get install wrk)")


def load(server: Running, work: Work, seconds: float, number: int, name: str = "") -> Run:
    """Repeat a work for some seconds; raises NotMeasured when it is not answered as it should be."""
    try:
        path = _path(server, work)
        status, answer = server.ask(work, path)
        if status != work.status:
            raise NotMeasured(f"{work.title}: answered with {status}, {answer[:200]!r}")
        before = cpu_seconds(server.pid)
        message = _wrk(server.port, work, path, seconds)
        used = cpu_seconds(server.pid) - before
    except (OSError, HTTPException, subprocess.SubprocessError) as error:
        raise NotMeasured(f"{work.title}: {error}") from error
    if message["refused"] != (message["requests"] if work.status >= 400 else 0):
        raise NotMeasured(f"{work.title}: not every answer was a {work.status}")
    return Run(
        work=name or work.name,
        peer=server.peer.name,
        round=number,
        requests=message["requests"],
        seconds=message["seconds"],
        cpu_seconds=used,
        lost=message["lost"],
        p50_ms=message["p50_ms"],
        p99_ms=message["p99_ms"],
    )


def _path(server: Running, work: Work) -> str:
    """Return the path of a work, and put a message at it first where one is wanted."""
    if "{id}" not in work.path:
        return work.path
    _, answer = server.ask(delayed())
    return work.path.format(id=json.loads(answer)["data"]["id"])


def _wrk(port: int, work: Work, path: str, seconds: float) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile() as body:
        arguments = [work.method]
        if work.body is not None:
            body.write(work.body)
            body.flush()
            arguments.append(body.name)
        key = work.headers.get("Authorization", KEY)
        how = ["-t1", f"-c{work.connections}", f"-d{seconds:.0f}s", "--timeout", "20s", "-s", str(SCRIPT)]
        url = f"http://127.0.0.1:{port}{path}"
        headers = {**work.headers, "Authorization": key}
        given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        command = ["wrk", *how, *given, url, "--", *arguments]
        done = subprocess.run(on_core(LOAD_CORE, command), capture_output=True, text=True, check=True)  # noqa: S603
    messages: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return messages


def rounds(
    servers: Sequence[Running],
    works: Sequence[Work],
    count: int,
    seconds: float,
    *,
    miss: Callable[[str], object],
    say: Callable[[str], object],
) -> Iterator[Run]:
    """Yield the runs of some works, interleaved so that a slow minute of the machine falls upon everybody.

    Measurements that cannot be made are reported to `miss`, and the progress to `say`.
    """
    require_wrk()

    def attempt(server: Running, work: Work, duration: float, number: int) -> Run | None:
        settle([each.pid for each in servers])
        try:
            run = load(server, work, duration, number)
        except NotMeasured as reason:
            miss(f"{server.peer.title}: {reason}")
            return None
        if run.lost:
            miss(f"{server.peer.title}: {work.title}: {run.lost} requests were lost in round {number}")
        say(f"round {number}: {work.name:12} {server.peer.name:10} {run.rate:10.0f}/s")
        return run

    for server in servers:
        attempt(server, server.peer.first, server.peer.warm_up_s, 0)
    for number in range(1, count + 1):
        for work in works:
            able = [server for server in servers if server.peer.name in work.peers]
            # Nobody always comes first, or after the same one.
            shift = number % max(len(able), 1)
            for server in able[shift:] + able[:shift]:
                run = attempt(server, work, seconds, number)
                if run is not None:
                    yield run


def mixed_rounds(server: Running, count: int, seconds: int, say: Callable[[str], object]) -> Iterator[Run]:
    """Yield runs with 100 k messages pending and 2 k deliveries a second, and with neither, in turn."""
    require_wrk()
    fill(server, key_of(MIXED), MIXED_PENDING)
    busy = dataclasses.replace(ENQUEUE, headers={"Authorization": key_of(MIXED)})
    for number in range(1, count + 1):
        yield load(server, ENQUEUE, seconds, number, name=IDLE)
        begin_ms = now_ms() + HEAD_START_MS
        waits = in_steps(MIXED_PER_SECOND * seconds, begin_ms, MIXED_PER_SECOND // 1_000)
        last = _enqueue_all(server, key_of(MIXED), waits)
        time.sleep(max(0, begin_ms - now_ms()) / 1_000)
        run = load(server, busy, seconds, number, name=MIXED)
        say(f"round {number}: {MIXED:12} {run.rate:10.0f}/s")
        _require_delivered(server, last)
        yield run


def pending_rounds(server: Running, count: int, seconds: int, say: Callable[[str], object]) -> Iterator[Run]:
    """Yield runs of single enqueues on one connection, in the sandboxes of FEW and MANY in turn."""
    require_wrk()
    for number in range(1, count + 1):
        for name in (FEW, MANY):
            work = dataclasses.replace(ENQUEUE, connections=1, headers={"Authorization": key_of(name)})
            run = load(server, work, seconds, number, name=name)
            say(f"round {number}: {name:12} {run.p50_ms:10.3f} ms")
            yield run


def key_of(name: str) -> str:
    """Return the key of a sandbox that has a name."""
    return f"test_{name}"


def fill(server: Running, key: str, count: int) -> None:
    """Enqueue messages that stay, in bulk."""
    for begin in range(0, count, BULK):
        _enqueue_all(server, key, [FAR_AWAY_MS + begin + number for number in range(BULK)])


def _enqueue_all(server: Running, key: str, waits: list[int]) -> str:
    """Enqueue messages in bulk, and return the id of the last."""
    identifier = ""
    for begin in range(0, len(waits), BULK):
        work = bulk_of(waits[begin : begin + BULK], key)
        status, answer = server.ask(work)
        if status != work.status:
            raise NotMeasured(f"a bulk was answered with {status}: {answer[:200]!r}")
        identifier = json.loads(answer)["data"][-1]["id"]
    return identifier


def _require_delivered(server: Running, identifier: str) -> None:
    look = Work(name="look", title="look", method="GET", headers={"Authorization": key_of(MIXED)})
    _, answer = server.ask(look, f"{look.path}/{identifier}")
    state = json.loads(answer)["data"]["meta"]["state"]
    if state != "delivered":
        raise NotMeasured(f"the deliveries of the mixed load were not done in time: the last is {state}")
