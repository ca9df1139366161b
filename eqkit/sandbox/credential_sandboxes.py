"""Sandboxes for the credentials of any contract: each credential opens one, and is shown in no list."""

import hashlib
import hmac
import re
import secrets
from typing import Any

from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.sandboxes import Sandboxes

DEFAULT = "default"
"""The key of the sandbox for requests without credentials."""

LONGEST_KEY = 200
"""The characters of the longest key that is kept as it is; a longer one is known by its digest."""

_PLAIN = re.compile(rf"{DEFAULT}|test_[A-Za-z0-9_-]{{1,195}}")
"""The keys that are names for tests, and no secrets."""


class CredentialSandboxes(Sandboxes):
    """Opens a sandbox for every credential; where keys are listed, for those alone.

    A credential may be the secret of a real service. Its sandbox is found by it, and shown by a name that is
    made of it in another way each time the server starts. A key that begins with ``test_`` is shown as it is,
    and so is one that `of_name` was asked for.
    """

    def __init__(self, keys: tuple[str, ...], *args: Any, **options: Any) -> None:
        """Take the listed keys, and all else as `Sandboxes` does."""
        super().__init__(keys, *args, **options)
        self.default_key = keys[0] if keys else DEFAULT
        self._secret = secrets.token_bytes(32)
        self._named: set[str] = set()

    def of(self, key: str) -> Sandbox | None:
        """Return the sandbox of a credential, made on first use; None if it is not let in."""
        return super().of(key if len(key) <= LONGEST_KEY else _digest(key))

    def of_name(self, name: str) -> Sandbox | None:
        """Return the sandbox of a key that is no secret, made on first use; None if it is not let in."""
        is_new = name not in self._by_key
        sandbox = self.of(name)
        if is_new and sandbox is not None and "/" not in name:  # which no path to a sandbox has
            self._named.add(name)
        return sandbox

    def fork(self, name: str, to: str) -> Sandbox:
        """Copy a sandbox as it is now to a key that has none; raises ApiError (404, 409, 400, 503)."""
        sandbox = super().fork(name, to)
        self._named.add(to)
        return sandbox

    def lets_in(self, key: str) -> bool:
        """Return whether a credential may have a sandbox: any, or those listed."""
        return key in self._keys if self._keys else key != ""

    def _drop(self, key: str, how: str) -> None:
        super()._drop(key, how)
        self._named.discard(key)

    def _name(self, key: str) -> str:
        if self._keys or key in self._named or _PLAIN.fullmatch(key):
            return super()._name(key)
        return f"credential-{hmac.new(self._secret, key.encode(), 'sha256').hexdigest()[:12]}"

    def _key(self, name: str) -> str:
        if self._keys:
            return super()._key(name)
        if name in self._by_key:
            return name
        return next((key for key in self._by_key if self._name(key) == name), None) or super()._key(name)


def _digest(key: str) -> str:
    return f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"
