"""Measures of the delay queue itself, each in a fresh process: ``python -m benchmarks.in_process NAME``."""

import asyncio
import gc
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import uvloop

from benchmarks.usage import resident_bytes
from eqkit.delay.ids import first_id
from eqkit.delay.message import Draft
from eqkit.delay.queue import DelayQueue
from eqkit.delay.scheduler import Scheduler
from eqkit.elasticqueue.service import ElasticQueue
from eqkit.sandbox.clock import SandboxClock
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandbox import Sandbox
from eqkit.timing.clock import ManualClock, WallClock

MILLION = 1_000_000
START_MS = 1_459_036_800_000
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
PER_SECOND = 10_000
HEARTBEAT_S = 0.005

Figures = dict[str, float]


def _scattered(count: int, duration_ms: int, begin_ms: int = START_MS) -> list[Draft]:
    """Return messages of 100 bytes each that are due somewhere in a duration; the same ones every time."""
    lot = random.Random(1)  # noqa: S311 - no secret
    body = "x" * 92
    dues = [begin_ms + 1 + lot.randrange(duration_ms) for _ in range(count)]
    return [Draft(f"{body}{number:08d}", due_ms, due_ms) for number, due_ms in enumerate(dues)]


def queue_steps(scale: int) -> Figures:
    """Time single puts and deliveries with 1 k, 100 k and 1 M messages pending: p50 in microseconds.

    Each step puts one message and delivers one, so that as many stay pending; the sizes take turns.
    """
    sizes = {"1k": 1_000, "100k": 100 * scale, "1m": 1_000 * scale}
    queues: dict[str, DelayQueue] = {}
    for name, size in sizes.items():
        queues[name] = DelayQueue(first_id(0))
        queues[name].put_all("q", _scattered(size, DAY_MS), START_MS)
    lot = random.Random(2)  # noqa: S311 - no secret
    puts: dict[str, list[int]] = {name: [] for name in sizes}
    deliveries: dict[str, list[int]] = {name: [] for name in sizes}
    gc.freeze()
    gc.disable()
    for _ in range(40):
        for name, queue in queues.items():
            for _ in range(500):
                head_ms = queue.next_due_ms() or 0
                due_ms = head_ms + 1 + lot.randrange(DAY_MS)
                draft = Draft("x", due_ms, due_ms)
                begin = time.perf_counter_ns()
                queue.put("q", draft, START_MS)
                middle = time.perf_counter_ns()
                queue.deliver(head_ms, limit=1)
                end = time.perf_counter_ns()
                puts[name].append(middle - begin)
                deliveries[name].append(end - middle)
    figures = {f"put_{name}_us": statistics.median(times) / 1e3 for name, times in puts.items()}
    figures |= {f"deliver_{name}_us": statistics.median(times) / 1e3 for name, times in deliveries.items()}
    figures["put_ratio"] = figures["put_1m_us"] / figures["put_1k_us"]
    return figures


def memory(scale: int) -> Figures:
    """Weigh a pending message with a body of 100 bytes: the growth of resident memory over 1 M of them."""
    count = 1_000 * scale
    clock = ManualClock(START_MS)
    sandbox = Sandbox(clock, Rules(), service=ElasticQueue())
    sandbox.state.enqueue("q", "warm", START_MS + DAY_MS)
    gc.collect()
    before = resident_bytes(os.getpid())
    lot = random.Random(1)  # noqa: S311 - no secret
    for number in range(count):
        sandbox.state.enqueue("q", f"{'x' * 92}{number:08d}", START_MS + 1 + lot.randrange(DAY_MS))
    gc.collect()
    return {"bytes_per_message": (resident_bytes(os.getpid()) - before) / count}


class Look(NamedTuple):
    """One look at the queue: its begin and end by the wall, in nanoseconds, and the number of deliveries."""

    begun_ns: int
    done_ns: int
    delivered: int


class WatchedQueue(DelayQueue):
    """A queue whose deliveries are timed by the wall itself, and not by the clock under test."""

    def __init__(self, first: int) -> None:
        """Begin empty."""
        super().__init__(first)
        self.looks: list[Look] = []

    def deliver(self, now_ms: int, *, limit: int, at_own_time: bool = False) -> int:
        """Deliver, and note when that was."""
        begun_ns = time.time_ns()
        count = super().deliver(now_ms, limit=limit, at_own_time=at_own_time)
        self.looks.append(Look(begun_ns, time.time_ns(), count))
        return count


def lateness(scale: int) -> Figures:
    """Deliver 10 k messages a second on uvloop by the wall's clock: how late was each, was any early?"""
    count = PER_SECOND * max(1, scale // 200)

    async def deliver() -> tuple[list[Look], list[int]]:
        queue, clock = WatchedQueue(first_id(0)), WallClock()
        scheduler = Scheduler(queue, clock)
        begin_ms = clock.now() + 1_000
        dues = [begin_ms + number * 1_000 // PER_SECOND for number in range(count)]
        queue.put_all("q", [Draft("x" * 100, due_ms, due_ms) for due_ms in dues], clock.now())
        scheduler.wake()
        # Nobody hears of the last delivery; a second over the time that it takes will do.
        await asyncio.sleep((dues[-1] - clock.now()) / 1_000 + 1)
        return queue.looks, dues

    looks, dues = uvloop.run(deliver())
    late, earliest = _lateness(looks, dues)
    late.sort()
    return {
        "delivered": len(late),
        "late_p50_ms": late[len(late) // 2],
        "late_p99_ms": late[len(late) * 99 // 100],
        "late_max_ms": late[-1],
        "earliest_ms": earliest,
    }


def _lateness(looks: Sequence[Look], dues: Sequence[int]) -> tuple[list[float], float]:
    """Return how late each message was when its delivery was done, and the least lateness at its begin."""
    late: list[float] = []
    earliest = float("inf")
    for look in looks:
        for due_ms in dues[len(late) : len(late) + look.delivered]:
            late.append(look.done_ns / 1e6 - due_ms)
            earliest = min(earliest, look.begun_ns / 1e6 - due_ms)
    return late, earliest


def advance(scale: int) -> Figures:
    """Move a clock over 1 M messages, scattered over a day and over a second, beside a heartbeat."""
    figures: Figures = {}
    for name, duration_ms in (("day", DAY_MS), ("second", 1_000)):
        sandbox = Sandbox(ManualClock(START_MS), Rules(), service=ElasticQueue())
        sandbox.clock.freeze()
        for draft in _scattered(1_000 * scale, duration_ms):
            sandbox.state.enqueue("q", draft.body, draft.wait_until)
        seconds, longest = uvloop.run(_moved(sandbox.clock, duration_ms + 1))
        if len(sandbox.state.queue):
            raise AssertionError(f"{len(sandbox.state.queue)} messages were left behind")
        figures |= {f"advance_{name}_s": seconds, f"stall_{name}_s": longest}
    return figures


async def _moved(clock: SandboxClock, by_ms: int) -> tuple[float, float]:
    """Advance a clock, and return how long that took and the longest time that nobody else got a turn."""
    gaps: list[float] = []

    async def heartbeat() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    beating = asyncio.create_task(heartbeat())
    await asyncio.sleep(HEARTBEAT_S * 3)
    gaps.clear()
    begin = time.perf_counter()
    await clock.advance(clock.now() + by_ms)
    seconds = time.perf_counter() - begin
    await asyncio.sleep(HEARTBEAT_S * 3)
    beating.cancel()
    return seconds, max(gaps)


MEASURES: dict[str, Callable[[int], Figures]] = {
    "queue": queue_steps,
    "memory": memory,
    "lateness": lateness,
    "advance": advance,
}
"""Each takes how many thousand messages "1 M" are: 1,000, or fewer for a quick look."""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(MEASURES[sys.argv[1]](int(sys.argv[2]))) + "\n")
