"""Sandboxes for the keys of a foreign service: any key has one, and no key is kept."""

import base64
import contextlib
import dataclasses
import hmac
import secrets
from collections.abc import Iterable

from eqkit.sandbox.journal.entries import KEPT, Journal
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.sandbox.service import NO_SERVICE, SandboxService
from eqkit.timing.clock import WallClock

KEPT_SANDBOXES = 100
KEPT_BYTES = 4_194_304
"""How many bytes the journal of one sandbox may hold; any request with a new key makes one."""

NO_KEY = ""
"""The key of a request that carries none."""


class ProxySandboxes(Sandboxes):
    """Opens a sandbox for each key that comes.

    A key may be the secret of a real service, so that it is known by a digest alone, which nobody can make
    who does not have the key, and which is another one each time.
    """

    def __init__(self, max_sandboxes: int = KEPT_SANDBOXES, service: SandboxService = NO_SERVICE) -> None:
        """Keep at most `max_sandboxes` sandboxes; the one idle for longest goes first."""
        super().__init__((), Rules(), WallClock, max_sandboxes=max_sandboxes, service=service)
        self.default_key = NO_KEY
        self._secret = secrets.token_bytes(32)

    def of(self, key: str) -> Sandbox:
        """Return the sandbox of a key, made on first use; a scheme before it means nothing."""
        sandbox = super().of(hmac.new(self._secret, _bare(key).encode(), "sha256").hexdigest())
        assert sandbox is not None  # every key is let in
        return sandbox

    def expect_operations(self, operations: Iterable[str]) -> None:
        """Take the operations of the contract, by which slips in a question are known from now on."""
        self._rules = dataclasses.replace(self._rules, operations=frozenset(operations))

    def lets_in(self, key: str) -> bool:
        """Return that any key may have a sandbox."""
        return True

    def _put(self, key: str, sandbox: Sandbox, how: str = "") -> Sandbox:
        sandbox.journal = Journal(KEPT, KEPT_BYTES, self.memory)
        return super()._put(key, sandbox, how)


def _bare(key: str) -> str:
    """Return a key as people name it: a token without ``Bearer``, and the user and password of ``Basic``."""
    scheme, _, credentials = key.partition(" ")
    match scheme.lower():
        case "bearer":
            return credentials.strip()
        case "basic":
            with contextlib.suppress(ValueError):
                return base64.b64decode(credentials, validate=True).decode()
    return key
