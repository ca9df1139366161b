"""The rules that every sandbox of a server shares."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a sandbox, of any service."""

    seed: int = 0
    operations: frozenset[str] = frozenset()
    """The operations that there are, by which slips are known; any name is one where none is known."""
