"""The usage of a process and its children, as Linux tells it in ``/proc``, and which cores there are."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_UTIME, _STIME = 11, 12
"""Where the times stand in ``/proc/PID/stat``, counted from behind the command's closing bracket."""

SETTLED_WITHIN_S = 20
_LOOK_S, _AT_REST = 0.5, 0.04
"""How long processes are looked at, and the share of a core that those use which do nothing."""


class NotMeasured(Exception):
    """Something cannot be measured here; the text says why."""


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        # A thread may end between being listed and being looked at.
        with contextlib.suppress(FileNotFoundError):
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def cpu_seconds(pid: int) -> float:
    """Return the user and system time that a process tree has used so far."""
    ticks = 0
    for each in tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[_UTIME]) + int(fields[_STIME])
    return ticks / _TICKS_PER_SECOND


def settle(pids: Sequence[int]) -> None:
    """Wait until processes have ended the work that they go on with after their turn, such as compiling.

    They would else do it in the turn of the next, on the core of both. The wait for a process that never
    rests ends after SETTLED_WITHIN_S.
    """
    deadline = time.perf_counter() + SETTLED_WITHIN_S
    while time.perf_counter() < deadline:
        before = sum(map(cpu_seconds, pids))
        time.sleep(_LOOK_S)
        if sum(map(cpu_seconds, pids)) - before <= _AT_REST * _LOOK_S:
            return


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process tree; pages that processes share count for each."""
    total = 0
    for each in tree(pid):
        for line in Path(f"/proc/{each}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) * 1024
    return total


def on_core(core: int, command: list[str]) -> list[str]:
    """Return a command that keeps to one core; raises NotMeasured if nothing can hold it there."""
    if shutil.which("taskset") is None:
        raise NotMeasured("there is no taskset (on Debian: apt-get install util-linux)")
    return ["taskset", "--cpu-list", str(core), *command]


_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[0], _CORES[-1]
"""Server and load generator keep out of each other's way, where there are two cores."""
