"""Entries that leave a heap before it is their turn."""

import heapq
import random

from eqkit.delay.heaps import remove_at, sweep

MASK = (1 << 40) - 1


def is_heap(entries: list[int]) -> bool:
    """Whether each entry is no less than the one above it."""
    return all(entries[(place - 1) // 2] <= entry for place, entry in enumerate(entries) if place)


def test_removing_an_entry_leaves_a_heap() -> None:
    """The entry that takes the free place moves up as well as down, wherever the place is."""
    for seed in range(300):
        lot = random.Random(seed)
        heap = lot.choices(range(30), k=lot.randint(1, 40))
        heapq.heapify(heap)
        left = heap.copy()
        place = lot.randrange(len(heap))
        left.remove(heap[place])
        remove_at(heap, place)
        assert is_heap(heap)
        assert sorted(heap) == sorted(left)
    heap = [0, 10, 1, 11, 12, 2, 3]
    remove_at(heap, 3)
    assert is_heap(heap)
    assert sorted(heap) == [0, 1, 2, 3, 10, 12]


def test_sweeping_takes_out_all_that_is_gone() -> None:
    """Sweeping may take many steps, with changes in between, and keeps each entry that is not gone."""
    lot = random.Random(1)
    heap = [lot.randrange(1000) << 40 | offset for offset in range(200)]
    heapq.heapify(heap)
    gone = set(lot.sample(range(200), 120))
    kept = {entry for entry in heap if entry & MASK not in gone}
    place = 0
    for _ in range(100):
        place = sweep(heap, gone, MASK, place, 7)
        assert is_heap(heap)
    assert (set(heap), gone) == (kept, set())
    assert sweep([], {5}, MASK, 3, 10) == 3


def test_a_sweep_goes_from_the_end_to_the_head_and_round_again() -> None:
    """That many places at a time: it looks at each once before it looks at any again."""
    heap = [10, 20, 30, 40, 50]
    assert sweep(heap, {99}, 127, 0, 2) == 3
    assert sweep(heap, {99}, 127, 3, 3) == 0
    assert sweep(heap, {99}, 127, 0, 1) == 4
    gone = {20, 99}
    assert sweep(heap, gone, 127, 2, 1) == 1
    assert (heap, gone) == ([10, 40, 30, 50], {99})
    assert sweep(heap, {99}, 127, 99, 1) == 3
