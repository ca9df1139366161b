"""Limits count requests as their documents say, to the request and to the millisecond."""

import copy
import random
from fractions import Fraction
from typing import Any

import pytest

from eqkit.sandbox.events import Events
from eqkit.sandbox.faults.limits import Limit, Limits
from eqkit.timing.instants import MAX_MS


def document(kind: str, limit: int, window_ms: int, **more: Any) -> dict[str, Any]:
    """Return a limit as it is sent."""
    return {"kind": kind, "limit": limit, "window-ms": window_ms, **more}


class Bucket:
    """A bucket that fills up evenly, in fractions of a request."""

    def __init__(self, limit: int, window_ms: int) -> None:
        """Begin with all of it."""
        self.limit, self.rate = limit, Fraction(limit, window_ms)
        self.left, self.at_ms = Fraction(limit), 0

    def remaining(self, now_ms: int) -> int:
        """Return the requests that are let through."""
        self.left = min(Fraction(self.limit), self.left + (now_ms - self.at_ms) * self.rate)
        self.at_ms = now_ms
        return int(self.left)

    def take(self, now_ms: int) -> None:
        """Let one through."""
        self.left -= 1


class Window:
    """A window that begins with its first request, and opens anew once it is over."""

    def __init__(self, limit: int, window_ms: int) -> None:
        """Begin with none."""
        self.limit, self.window_ms = limit, window_ms
        self.began_ms: int | None = None
        self.taken = 0

    def remaining(self, now_ms: int) -> int:
        """Return the requests that are let through."""
        if self.began_ms is not None and now_ms >= self.began_ms + self.window_ms:
            self.began_ms, self.taken = None, 0
        return self.limit - self.taken

    def take(self, now_ms: int) -> None:
        """Let one through."""
        if self.began_ms is None:
            self.began_ms = now_ms
        self.taken += 1


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("kind", "model"), [("token-bucket", Bucket), ("fixed-window", Window)])
def test_a_limit_lets_through_what_its_kind_says(kind: str, model: type[Bucket | Window], seed: int) -> None:
    """At any time and pace; and it opens at the very millisecond that it tells."""
    lot = random.Random(seed)
    limit, window_ms = lot.randint(1, 5), lot.choice([1, 7, 10, 100])
    counted, expected = Limit.of(document(kind, limit, window_ms), 0), model(limit, window_ms)
    now_ms = 0
    for _ in range(60):
        now_ms += lot.choice([0, 0, 1, 3, window_ms, 2 * window_ms])
        assert counted.remaining(now_ms) == expected.remaining(now_ms)
        if counted.remaining(now_ms):
            assert (counted.shut_ms(now_ms), counted.opens_at_ms(now_ms)) == (0, now_ms)
            counted.take(now_ms)
            expected.take(now_ms)
        else:
            shut_ms = counted.shut_ms(now_ms)
            assert counted.opens_at_ms(now_ms) == now_ms + shut_ms
            for copied, in_ms in ((copy.deepcopy(counted), shut_ms - 1), (copy.deepcopy(counted), shut_ms)):
                assert bool(copied.remaining(now_ms + in_ms)) == (in_ms == shut_ms)


def test_a_limit_opens_no_later_than_time_ends() -> None:
    """Its window is longer than there is time."""
    limit = Limit.of(document("fixed-window", 1, 1_000), MAX_MS - 10)
    limit.take(MAX_MS - 10)
    assert (limit.shut_ms(MAX_MS - 10), limit.opens_at_ms(MAX_MS - 10)) == (1_000, MAX_MS)


def test_of_several_limits_the_one_that_shuts_out_longest_is_told() -> None:
    """A request that one of them shuts out counts for none of the others."""
    events = Events()
    limits = Limits(events)
    short = document("fixed-window", 1, 10, name="short")
    long = document("fixed-window", 1, 1_000)
    wide = document("fixed-window", 3, 1_000, name="wide")
    limits.set([wide, short, long], 0)
    limits.add(
        [document("fixed-window", 1, 5, operation="other"), document("fixed-window", 1, 5, queue="b")], 0
    )
    assert limits.hit("enqueue", "a", 0) is None
    assert [each.left for each in limits.limits] == [2, 0, 0, 1, 1]
    found = limits.hit("enqueue", "a", 4)
    assert found == (limits.limits[2], 996)
    assert [each.left for each in limits.limits] == [2, 0, 0, 1, 1]
    assert [each.hit for each in limits.limits] == [0, 0, 1, 0, 0]
    [event] = events.since(0, 9)
    assert (event.at_ms, event.kind) == (4, "limit.hit")
    assert event.data == {"limit": "fixed-window", "operation": "enqueue", "queue": "a"}
    limits.set([short], 5)
    assert [each.label for each in limits.limits] == ["short"]


@pytest.mark.parametrize(
    ("more", "is_about"),
    [
        ({}, True),
        ({"operation": "enqueue"}, True),
        ({"queue": "a"}, True),
        ({"operation": "enqueue", "queue": "a"}, True),
        ({"operation": "other", "queue": "a"}, False),
        ({"operation": "enqueue", "queue": "b"}, False),
    ],
)
def test_a_limit_is_about_what_it_names(more: dict[str, str], *, is_about: bool) -> None:
    """One that names nothing is about everything."""
    assert Limit.of(document("fixed-window", 1, 5, **more), 0).is_about("enqueue", "a") == is_about
