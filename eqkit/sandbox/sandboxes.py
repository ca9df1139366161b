"""The sandboxes of a server: one per key, made when the key is first used."""

import dataclasses
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection

from eqkit.errors import Code, api_error
from eqkit.sandbox.memory import RETRY_AFTER_S, Memory
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandbox import SANDBOX_WEIGHT, Sandbox
from eqkit.sandbox.service import NO_SERVICE, SandboxService
from eqkit.sandbox.values import Snapshot
from eqkit.sandbox.webhooks.posting import DISABLED_SENDER, Outbound
from eqkit.timing.clock import Clock

logger = logging.getLogger(__name__)

SAMPLE_KEY = "xxxxxxxxxxxxxxx"
"""The key of the docs' example, which works on an open server (ruling H4)."""

_TEST_KEY = re.compile(r"test_[A-Za-z0-9_-]{1,200}")


class Sandboxes:
    """Finds the sandbox of a key, makes it on first use, and drops sandboxes that are not used any more."""

    def __init__(
        self,
        keys: tuple[str, ...],
        rules: Rules,
        make_clock: Callable[[], Clock],
        *,
        max_sandboxes: int = 1_000,
        idle_s: int | None = None,
        outbound: Outbound = DISABLED_SENDER,
        memory: Memory | None = None,
        service: SandboxService = NO_SERVICE,
    ) -> None:
        """Let in `keys` alone; with none given, the docs' sample key and every ``test_…`` key.

        At most `max_sandboxes` are kept, none that was idle for `idle_s` seconds, and in all of them no more
        than `memory` allows. `service` brings the state of each.
        """
        self.memory = memory or Memory()
        self.memory.holders, self.memory.more = self._by_key_values, self._weigh_snapshots
        self._keys = keys
        self._rules = rules
        self._make_clock = make_clock
        self._max_sandboxes = max_sandboxes
        self._idle_s = idle_s
        self._outbound = outbound
        self._service = service
        self._by_key: OrderedDict[str, Sandbox] = OrderedDict()
        self._bare: dict[str, None] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self.default_key = keys[0] if keys else SAMPLE_KEY
        """The key whose sandbox is meant where none is named."""

    def of(self, key: str) -> Sandbox | None:
        """Return the sandbox of a key, made on first use; None if the key is not let in."""
        sandbox = self._by_key.get(key)
        if sandbox is None:
            if not self.lets_in(key):
                return None
            self._make_room()
            sandbox = self._put(key, self._new(self._rules))
        self._by_key.move_to_end(key)
        sandbox.used_at_s = time.monotonic()
        return sandbox

    def names(self) -> dict[str, Sandbox]:
        """Return every sandbox by its name: its key, or on a closed server the number of its key."""
        return {self._name(key): sandbox for key, sandbox in self._by_key.items()}

    def named(self, name: str) -> Sandbox:
        """Return a sandbox that is there already; raises ApiError (404)."""
        return self._by_key[self._key(name)]

    def reset(self, name: str, seed: int | None = None) -> Sandbox:
        """Begin a sandbox anew, its clock by the wall; raises ApiError (404)."""
        key = self._key(name)
        rules = self._rules if seed is None else dataclasses.replace(self._rules, seed=seed)
        sandbox = self._put(key, self._new(rules), "was reset")
        self.memory.settle()
        return sandbox

    def delete(self, name: str) -> None:
        """Forget a sandbox and its snapshot; its key makes a new one when used. Raises ApiError (404)."""
        self._drop(self._key(name), "was deleted")
        self.memory.settle()

    def save(self, name: str) -> Snapshot:
        """Keep a copy of all that is in a sandbox; raises ApiError (404, 503)."""
        key = self._key(name)
        self._snapshots.pop(key, None)
        self.memory.require_room(self._by_key[key].weight)
        self._snapshots[key] = self._by_key[key].snapshot()
        return self._snapshots[key]

    def restore(self, name: str) -> Sandbox:
        """Put a sandbox back to its snapshot; raises ApiError (404)."""
        key = self._key(name)
        snapshot = self._snapshots.get(key)
        if snapshot is None:
            detail = f'The sandbox "{name}" has no snapshot.'
            raise api_error(Code.SNAPSHOT_NOT_FOUND, detail, parameter="name")
        return self._put(key, self._of(snapshot), "was put back to its snapshot")

    def fork(self, name: str, to: str) -> Sandbox:
        """Copy a sandbox as it is now to a key that has none; raises ApiError (404, 409, 400, 503)."""
        sandbox = self.named(name)
        if not self.lets_in(to):
            raise api_error(Code.INVALID_VALUE, "A sandbox is forked to a key of this server.", pointer="/to")
        if to in self._by_key:
            raise api_error(Code.SANDBOX_EXISTS, f'There is a sandbox "{to}" already.', pointer="/to")
        sandbox.enter()  # a sandbox that is being copied is in use
        try:
            self._make_room()
        finally:
            sandbox.leave()
        self.memory.require_room(sandbox.weight)
        return self._put(to, self._of(sandbox.snapshot(), once=True))

    def know_operations(self, operations: frozenset[str]) -> None:
        """Take note of the operations that there are from now on."""
        self._rules = dataclasses.replace(self._rules, operations=operations)
        for sandbox in self._by_key.values():
            sandbox.rules = dataclasses.replace(sandbox.rules, operations=operations)

    def end_waits(self) -> None:
        """End every wait for further events: the server is about to stop."""
        for sandbox in self._by_key.values():
            sandbox.events.close()

    def begin_loop(self, *, has_ended: bool) -> None:
        """Go on in another event loop than so far, which may have ended."""
        for sandbox in self._by_key.values():
            sandbox.begin_loop(has_ended=has_ended)

    def close(self) -> None:
        """Stop every scheduler."""
        for sandbox in self._by_key.values():
            sandbox.close()

    def lets_in(self, key: str) -> bool:
        """Return whether a key may have a sandbox."""
        if self._keys:
            return key in self._keys
        return key == SAMPLE_KEY or _TEST_KEY.fullmatch(key) is not None

    def _new(self, rules: Rules) -> Sandbox:
        return Sandbox(self._make_clock(), rules, self._outbound, self.memory, self._service)

    def _of(self, snapshot: Snapshot, *, once: bool = False) -> Sandbox:
        return Sandbox.of_snapshot(
            self._make_clock(), snapshot, self._outbound, self.memory, self._service, once=once
        )

    def _by_key_values(self) -> Collection[Sandbox]:
        return self._by_key.values()

    def _weigh_snapshots(self) -> int:
        return sum([each.weight for each in self._snapshots.values()])

    def _make_room(self) -> None:
        """Make room for one more sandbox, if need be in place of another one; raises ApiError (503).

        The first to go is the oldest of the empty ones, so that a client with made-up keys drives out only
        its own; then the one idle for longest. One in use stays.
        """
        self._drop_idle()
        self.memory.grown += SANDBOX_WEIGHT
        if self.memory.grown > self.memory.step:
            self.memory.settle()
        if (len(self._by_key) < self._max_sandboxes and not self.memory.is_full) or self._drop_bare():
            return
        self.memory.require_room()
        if len(self._by_key) < self._max_sandboxes:
            return
        key = next((key for key, sandbox in self._by_key.items() if not sandbox.is_in_use), None)
        if key is None:
            detail = f"Each of the {self._max_sandboxes} sandboxes that --max-sandboxes allows is in use."
            raise api_error(Code.UNAVAILABLE, detail, headers=[(b"retry-after", RETRY_AFTER_S)])
        logger.info(
            "--max-sandboxes is %d: the sandbox that was idle for longest is dropped, with %d messages",
            self._max_sandboxes,
            self._by_key[key].state.stored_total,
        )
        self._drop(key, "was dropped for another one")

    def _drop_bare(self) -> bool:
        """Drop the oldest sandbox that holds nothing and is not in use; False if there is none."""
        for key in list(self._bare):
            sandbox = self._by_key.get(key)
            if sandbox is None or not sandbox.is_bare or key in self._snapshots:
                del self._bare[key]
            elif not sandbox.is_in_use:
                self._drop(key, "was dropped for another one")
                return True
        return False

    def _put(self, key: str, sandbox: Sandbox, how: str = "") -> Sandbox:
        if key in self._by_key:
            sandbox.go_on_from(self._by_key[key].numbers)
            self._by_key[key].close(how)
        self._by_key[key] = sandbox
        self._by_key.move_to_end(key)
        self._bare[key] = None
        sandbox.used_at_s = time.monotonic()
        return sandbox

    def _drop_idle(self) -> None:
        if self._idle_s is None:
            return
        since_s = time.monotonic() - self._idle_s
        idle = [key for key, each in self._by_key.items() if each.used_at_s < since_s and not each.is_in_use]
        for key in idle:
            self._drop(key, "was idle for too long")

    def _drop(self, key: str, how: str) -> None:
        self._by_key.pop(key).close(how)
        self._snapshots.pop(key, None)
        self._bare.pop(key, None)

    def _name(self, key: str) -> str:
        return f"key-{self._keys.index(key) + 1}" if self._keys else key

    def _key(self, name: str) -> str:
        for key in self._keys or (name,):
            if key in self._by_key and self._name(key) == name:
                return key
        detail = f'There is no sandbox "{name[:80]}"; the first use of its key makes it.'
        raise api_error(Code.SANDBOX_NOT_FOUND, detail, parameter="name")
