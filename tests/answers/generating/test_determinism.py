"""The same seed gives the same value: in each process, in any order, and on each version of Python."""

import hashlib
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from eqkit.answers.generating import Generator
from eqkit.contract.document import Document
from eqkit.contract.messages.compiled import CompiledContract

POINTER = "/components/schemas/It"
NAMES = (
    "id",
    "email",
    "createdAt",
    "price",
    "tags",
    "owner",
    "choice",
    "code",
    "ratio",
    "map",
    "none",
    "link",
)
DATA: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {},
    "components": {
        "schemas": {
            "It": {
                "type": "object",
                "required": ["id", "email"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "email": {"type": "string", "format": "email"},
                    "createdAt": {"type": "string", "format": "date-time"},
                    "price": {"type": "number", "minimum": 0.1, "multipleOf": 0.05},
                    "tags": {
                        "type": "array",
                        "items": {"type": "string"},
                        "uniqueItems": True,
                        "minItems": 3,
                    },
                    "owner": {"$ref": "#/components/schemas/Person"},
                    "choice": {"oneOf": [{"type": "integer"}, {"type": "number"}, {"type": "string"}]},
                    "code": {"type": "string", "pattern": "^[A-Z]{2}-\\d{3,5}(x|y)?$"},
                    "ratio": {"type": "number"},
                    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "none": {"type": ["null", "string"]},
                    "link": {"type": "string", "format": "uri", "examples": ["https://a.example/", "x:y"]},
                },
            },
            "Person": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "friend": {"$ref": "#/components/schemas/Person"}},
            },
        }
    },
}


def digest(seeds: range) -> str:
    """Return a digest of the values of some seeds, in the order of the seeds."""
    generator = Generator(CompiledContract(Document(DATA)).responses)
    values = {seed: generator.value(POINTER, seed) for seed in seeds}
    return hashlib.sha256(json.dumps([values[seed] for seed in sorted(values)]).encode()).hexdigest()


KNOWN = "74c70fd45b342ee9329cce488fbea31d73f34febdfa54c04db742f30734ce0dc"
"""The digest of 20 values; a change of it changes the answers of every server with a seed."""


def test_values_are_the_same_on_each_version_of_python() -> None:
    """The numbers come from Python's Mersenne Twister, whose first outputs are documented to stay."""
    assert digest(range(20)) == KNOWN


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_values_do_not_hang_on_the_hash_seed(hash_seed: str) -> None:
    """Neither sets nor hashes decide."""
    code = "from tests.answers.generating.test_determinism import digest; print(digest(range(20)))"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == KNOWN


def test_values_do_not_hang_on_those_before() -> None:
    """A generator that has made other values makes the same."""
    assert digest(range(19, -1, -1)) == digest(range(20))


def test_seeds_of_different_kinds_differ() -> None:
    """1, "1" and b"1" are three seeds."""
    generator = Generator(CompiledContract(Document(DATA)).responses)
    values = [json.dumps(generator.value(POINTER, seed)) for seed in (1, "1", b"1", 2, "", b"", "\ud800")]
    assert len(set(values)) == len(values)


def test_all_documented_members_are_there() -> None:
    """By default an object has its optional members, too, in the order of the document."""
    value = Generator(CompiledContract(Document(DATA)).responses).value(POINTER, 1)
    assert tuple(value) == NAMES
