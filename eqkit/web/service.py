"""The interface of a service to the server that plays it."""

from collections.abc import Sequence
from typing import Any, Protocol

from eqkit.contract.operations import Contract
from eqkit.sandbox.service import SandboxService


class Service(SandboxService, Protocol):
    """A service: its contract, its handlers, and everything else that the server cannot know of itself.

    It is made of the settings of one server.
    """

    @property
    def title(self) -> str:
        """Its name, for people and for the realm of its keys."""
        ...

    @property
    def about(self) -> str:
        """A sentence or two for the page at ``/``."""
        ...

    @property
    def handlers(self) -> str:
        """The package of its handlers, one module for each tag of its contract."""
        ...

    @property
    def control_tags(self) -> frozenset[str]:
        """The tags of the control plane that are for its state, beside those of the toolkit."""
        ...

    @property
    def read_alias(self) -> tuple[str, str]:
        """A spelling of a path's beginning that is answered on reading, too, and the right one."""
        ...

    @property
    def max_text(self) -> int:
        """The least limit on one text of a request body, in bytes: no shorter body needs a look at it."""
        ...

    @property
    def max_items(self) -> int:
        """The most items in one request body, by which the bound on its values is set."""
        ...

    def contract(self) -> Contract:
        """Return its contract, with the changes of its settings."""
        ...

    def middleware(self) -> Sequence[Any]:
        """Return the middlewares that stand right before its handlers, outermost first."""
        ...

    @property
    def sample_key(self) -> str:
        """A key for `example_request` that an open server lets in."""
        ...

    @property
    def invitation(self) -> str:
        """The words before the line of `example_request`."""
        ...

    def example_request(self, base_url: str, key: str) -> str:
        """Return a shell line that makes a first request, and works as it stands."""
        ...
