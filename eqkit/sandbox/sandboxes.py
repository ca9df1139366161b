"""The sandboxes of a server: one per key, made when the key is first used."""

import re
from collections.abc import Callable

from eqkit.delay.clock import Clock
from eqkit.sandbox.sandbox import Rules, Sandbox

SAMPLE_KEY = "xxxxxxxxxxxxxxx"
"""The key of the docs' example, which works on an open server (ruling H4)."""

_TEST_KEY = re.compile(r"test_[A-Za-z0-9_-]{1,200}")


class Sandboxes:
    """Finds the sandbox of a key."""

    def __init__(self, keys: tuple[str, ...], rules: Rules, make_clock: Callable[[], Clock]) -> None:
        """Let in `keys` alone; with none given, the docs' sample key and every ``test_…`` key."""
        self._keys = frozenset(keys)
        self._rules = rules
        self._make_clock = make_clock
        self._by_key: dict[str, Sandbox] = {}

    def of(self, key: str) -> Sandbox | None:
        """Return the sandbox of a key, made on first use; None if the key is not let in."""
        sandbox = self._by_key.get(key)
        if sandbox is None and self._is_let_in(key):
            sandbox = self._by_key[key] = Sandbox(self._make_clock(), self._rules)
        return sandbox

    def close(self) -> None:
        """Stop every scheduler."""
        for sandbox in self._by_key.values():
            sandbox.close()

    def _is_let_in(self, key: str) -> bool:
        if self._keys:
            return key in self._keys
        return key == SAMPLE_KEY or _TEST_KEY.fullmatch(key) is not None
