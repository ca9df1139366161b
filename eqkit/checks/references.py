"""The references of a document, and the operations that stand behind them."""

import contextlib
from collections.abc import Iterator

from eqkit.checks.findings import Finding
from eqkit.checks.lint.nodes import Nodes
from eqkit.checks.lint.rules.references import references_lead_somewhere
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.operations import Contract
from eqkit.errors import ContractError

VERSIONS = ("3.0.", "3.1.", "3.2.")
"""The versions of OpenAPI that can be validated against, as they begin."""


def unresolved_references(file: ContractFile) -> Iterator[Finding]:
    """Yield the references that cannot be followed.

    Files in the folder of the contract are read; nothing is fetched from anywhere else.
    """
    for pointer, message, *_ in references_lead_somewhere(Nodes(file.document)):
        is_missing = file.document.at(pointer)[:1] == "#" or "can't be read" in message
        advice = None if is_missing else "Put it into a file in the folder of the contract."
        yield Finding("lint-reference", f"{pointer}: {message}", place=file.place(pointer), advice=advice)


def refuse_other_versions(file: ContractFile) -> None:
    """Raise ContractError, with its file, for a document of another version of OpenAPI."""
    version = str(file.document.data["openapi"])
    if not version.startswith(VERSIONS):
        message = "cannot be validated against; 3.0, 3.1 and 3.2 can"
        raise ContractError(f"{file.file}: OpenAPI {version} {message}")


def operations_of(file: ContractFile) -> Contract:
    """Return the operations of a document; raises ContractError, with its file, for one that is not usable.

    That is one of another version of OpenAPI, one that is not whole, and one that is not valid.
    """
    refuse_other_versions(file)
    for unresolved in unresolved_references(file):
        advice = f". {unresolved.advice}" if unresolved.advice else ""
        raise ContractError(f"{unresolved.place}: {unresolved.message}{advice}")
    with usable(file):
        return Contract(file.document).complete()


@contextlib.contextmanager
def usable(*files: ContractFile) -> Iterator[None]:
    """Turn errors of faulty documents into a ContractError that names the files."""
    names = " or ".join(str(each.file) for each in files)
    try:
        yield
    except ContractError as error:
        raise ContractError(f"{names}: {error}") from error
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        message = "it is not valid OpenAPI, as `eqkit lint --contract` tells"
        raise ContractError(f"{names}: not a contract that can be validated against: {message}") from error
