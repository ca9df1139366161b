"""Documents with one schema, and generators of its values."""

from typing import Any

from eqkit.answers.generating import Generator
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract

POINTER = "/components/schemas/It"


def contract_of(schema: Json, version: str = "3.1.0", **others: Any) -> CompiledContract:
    """Return a contract whose schema `It` is the given one, beside others by name."""
    data = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {"schemas": {"It": schema, **others}},
    }
    return CompiledContract(Document(data))


def generator_of(schema: Json, version: str = "3.1.0", **others: Any) -> Generator:
    """Return a generator of the responses by such a contract."""
    return Generator(contract_of(schema, version, **others).responses)
