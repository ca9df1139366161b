"""The ways to answer an operation: by the examples of the contract, or always by generated values."""

from collections.abc import Callable, Mapping

from eqkit.contract.operations import Contract
from eqkit.contract.schemas.violations import format_value
from eqkit.errors import ContractError
from eqkit.web.contracts.settings import WAYS

EXTENSION = "x-eqkit-answer"
"""The extension of an operation that sets its own way, most often by an overlay."""


def own_ways(contract: Contract, place: Callable[[str], object]) -> Mapping[str, str]:
    """Return the operations that have a way of their own, by operationId.

    `place` returns the place of a pointer in the contract; raises ContractError for a way that there is not.
    """
    found = {}
    for operation in contract.operations.values():
        way = operation.extension(EXTENSION)
        if way is None:
            continue
        if way not in WAYS:
            at = place(f"{operation.pointer}/{EXTENSION}")
            wanted = " or ".join(f'"{each}"' for each in WAYS)
            raise ContractError(
                f"{at}: {EXTENSION} of {operation.id} must be {wanted}, not {format_value(way)}"
            )
        found[operation.id] = way
    return found
