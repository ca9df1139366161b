"""Packs: faults and limits that belong together under a name, each a file of its own."""

import functools
import importlib.resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import yaml

from eqkit.contract.document import Document as Contract
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.contract.schemas.validators import SchemaValidator
from eqkit.contract.schemas.violations import nearest
from eqkit.errors import Code, ContractError, api_error

Document = dict[str, Any]


class Pack(NamedTuple):
    """A named set of faults and limits."""

    name: str
    description: str
    faults: list[Document]
    limits: list[Document]


def load_packs(folder: Traversable) -> dict[str, Pack]:
    """Read every pack of a folder; raises ContractError for one that breaks the schema of packs."""
    validator = _validator()
    files = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
    packs = [_pack(file, validator) for file in sorted(files, key=lambda file: file.name)]
    return {pack.name: pack for pack in packs}


@functools.cache
def packs() -> dict[str, Pack]:
    """Return the installed packs by name; they are read on first use."""
    return load_packs(importlib.resources.files("eqkit.mocks") / "packs")


def pack_named(name: str) -> Pack:
    """Return a pack; raises ApiError (404) that names the nearest."""
    known = packs()
    if name in known:
        return known[name]
    detail = f'There is no pack "{name[:40]}"; {hint(name, known)}.'
    raise api_error(Code.PACK_NOT_FOUND, detail, parameter="pack")


def hint(name: str, known: dict[str, Pack]) -> str:
    """Return the pack that was probably meant, and the list of all."""
    near = nearest(name, tuple(known))
    meant = f'did you mean "{near}"? ' if near else ""
    return f"{meant}there are {', '.join(known)}"


def _pack(file: Traversable, validator: SchemaValidator) -> Pack:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ContractError(f"{file.name} is not YAML: {error}") from error
    violation = next(iter(validator.violations(document)), None)
    if violation is not None:
        raise ContractError(f"{file.name}{violation.instance_pointer}: {violation.message}")
    if file.name != f"{document['name']}.yaml":
        raise ContractError(f'{file.name} holds the pack "{document["name"]}"')
    faults, limits = document.get("faults", []), document.get("limits", [])
    return Pack(document["name"], document["description"], faults, limits)


def _validator() -> SchemaValidator:
    """Compile the schema of packs, which the document of the control plane has."""
    with importlib.resources.as_file(importlib.resources.files("eqkit.openapi") / "mock.yaml") as path:
        contract = Contract.load(path)
    return Schemas(contract).validator("/components/schemas/Pack", Direction.REQUEST)
