"""Removals that heapq lacks: entries that leave a heap before their turn."""


def sweep(heap: list[int], gone: set[int], mask: int, swept_to: int, count: int) -> int:
    """Remove the entries that are `gone` from some places of a heap; return the place to go on from.

    It goes from the end of the heap to its head, and round again. An entry is gone if its bits under `mask`
    are in `gone`; it leaves both the heap and the set.
    """
    for _ in range(count):
        if not (gone and heap):
            break
        swept_to = min(swept_to or len(heap), len(heap)) - 1
        if heap[swept_to] & mask in gone:
            gone.remove(heap[swept_to] & mask)
            remove_at(heap, swept_to)
    return swept_to


def remove_at(heap: list[int], place: int) -> None:
    """Take an entry out of a heap, wherever it stands there."""
    last = heap.pop()
    if place == len(heap):
        return
    heap[place] = last
    while place and heap[place] < heap[(place - 1) // 2]:
        above = (place - 1) // 2
        heap[place], heap[above] = heap[above], heap[place]
        place = above
    while (below := 2 * place + 1) < len(heap):
        if below + 1 < len(heap) and heap[below + 1] < heap[below]:
            below += 1
        if heap[place] <= heap[below]:
            return
        heap[place], heap[below] = heap[below], heap[place]
        place = below
