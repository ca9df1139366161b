"""Every schema of a document has a value in both directions."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import Document, pointer_of
from eqkit.contract.loading.source_map import installed
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.schemas.schema_positions import schema_positions

PUBLISHED = Path(os.environ.get("EQKIT_TEST_DOCUMENTS", os.devnull))
"""A folder of documents, such as companies publish: more and larger ones than a project can keep."""

CONTRADICTIONS = {"/components/schemas/create_conversation_request/properties/from/properties/id": "format"}
"""Schemas of published documents that admit nothing, and why: a UUID of 24 characters."""

DOCUMENTS = [
    *sorted((Path(__file__).parents[2] / "checks" / "contracts").glob("*.yaml")),
    installed("elasticqueue.yaml"),
    installed("mock.yaml"),
    *sorted(file for file in PUBLISHED.glob("*.*") if file.suffix in (".json", ".yaml", ".yml")),
]


def failures(path: Path) -> Iterator[str]:
    """Yield each schema of a document that has no value, and each value that is not valid."""
    document = Document.load(path)
    pointers = [pointer_of(each) for each in schema_positions(document.data)]
    contract = CompiledContract(document)
    for direction in (contract.requests, contract.responses):
        generator = Generator(direction)
        for pointer in pointers:
            try:
                value = generator.value(pointer, 1)
            except CannotGenerate as error:
                if not any(f"{at} " in str(error) for at in CONTRADICTIONS):
                    yield f"{pointer}: {error}"
            else:
                if not direction.accepts(pointer, value):
                    yield f"{pointer}: {value}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_schema_of_a_document_has_a_value(path: Path) -> None:
    """In requests and in responses."""
    assert [*failures(path)] == []
