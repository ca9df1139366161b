"""Any contract as a service of its own: it is answered by handlers of the user's, or as the contract says."""

import base64
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from eqkit.contract.credentials import asked_for
from eqkit.contract.operations import Contract
from eqkit.sandbox.client_warnings import ClientLinter
from eqkit.sandbox.service import SandboxContext, ServiceState
from eqkit.web.contracts.client_warnings import OperationLinter
from eqkit.web.contracts.state import ContractState


class ContractService:
    """The service that a document describes."""

    handlers = ""
    invitation = "Try it"
    sample_key = "test_me"
    control_tags: frozenset[str] = frozenset()
    read_alias = ("", "")
    max_text = max_items = 0

    def __init__(self, contract: Contract, title: str, place: Callable[[str], object] = str) -> None:
        """Take a contract that can be served, its name for people, and a finder of places in it."""
        self.place = place
        self._contract = contract
        self.title = title
        self.about = (
            f"A mock of {title}, made from its OpenAPI document: requests are held against it, "
            "and each credential is a sandbox of its own."
        )

    def contract(self) -> Contract:
        """Return the contract."""
        return self._contract

    def new_state(self, context: SandboxContext) -> ServiceState:
        """Return the state of a new sandbox: the store of its handlers."""
        return ContractState(context)

    def new_linter(self) -> ClientLinter:
        """Return a linter for the requests of a new sandbox."""
        return OperationLinter()

    def middleware(self) -> Sequence[Any]:
        """Return no middleware."""
        return []

    def example_request(self, base_url: str, key: str) -> str:
        """Return a shell line for the first operation that only reads, without parameters in its path."""
        reading = [each for each in self._contract.operations.values() if each.method == "GET"]
        found = next((each for each in reading if "{" not in each.path), next(iter(reading), None))
        if found is None:
            return f"curl -i {base_url}/openapi.json"
        sent = asked_for(self._contract.document, key, found)
        headers = "".join(f" {_option(name, value)}" for name, value in sent.headers)
        query = "&".join(f"{name}={value}" for name, value in sent.query)
        return f"curl -i {shlex.quote(base_url + found.path + (query and '?' + query))}{headers}"


def _option(name: str, value: str) -> str:
    """Return curl's option for a header; Basic credentials are written as a person knows them."""
    scheme, _, encoded = value.partition(" ")
    if name == "Authorization" and scheme == "Basic":
        return f"-u {shlex.quote(base64.b64decode(encoded).decode())}"
    return f"-H {shlex.quote(f'{name}: {value}')}"
