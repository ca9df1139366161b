"""A shorter start for a process that is wholly ours: packages that Connexion imports and a mock never uses.

``import connexion`` would take long: it brings a test client along, and libraries that it calls only for a
document or a key on the network. So the package itself and those libraries are put in place unopened: their
code runs when something in them is first used. Two threads must not use one of them for the first time at
once, so `eqkit serve` does it in its own process, where Connexion is imported by one thread and uses none of
them; importing eqkit never does.
"""

import importlib.util
import sys
from types import ModuleType
from typing import Any

PACKAGES = ("connexion", "httpx", "requests")


class _Unopened(ModuleType):
    """A module whose code has not run yet.

    `importlib.util.LazyLoader` does the same for any attribute, and so already for ``import name``.
    """

    def __getattr__(self, name: str) -> Any:
        """Run the module's code when a missing attribute is asked for."""
        self.__class__ = ModuleType  # type: ignore[assignment]
        assert self.__spec__ is not None
        assert self.__spec__.loader is not None
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def put_in_place() -> None:
    """Put each of the packages in place that is not loaded yet, without running its code."""
    for name in PACKAGES:
        spec = None if name in sys.modules else importlib.util.find_spec(name)
        if spec is not None:
            module = sys.modules[name] = importlib.util.module_from_spec(spec)
            module.__class__ = _Unopened
