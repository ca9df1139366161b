"""A value of a random schema is valid by the reference implementation, or there is none."""

import contextlib
import json

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs.canonical import Satisfiability

from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from tests.answers.generating.random_schemas import SCHEMAS, SELF
from tests.checks import test_one_verdict as every_keyword

POINTER = "/components/schemas/It"
BOUNDED = settings(
    max_examples=400,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


UNMADE: Json = object()


def check(schema: Json, self: Json, seed: int) -> None:
    """Make one value; hold it, or the refusal, against two implementations that did not make it."""
    schemas = {"It": schema, "Self": self}
    data = {"openapi": "3.1.0", "info": {}, "paths": {}, "components": {"schemas": schemas}}
    generator = Generator(CompiledContract(Document(data)).responses)
    whole = {
        **(schema if isinstance(schema, dict) else {"allOf": [schema]}),
        "components": data["components"],
    }
    value: Json = UNMADE
    with contextlib.suppress(CannotGenerate):
        value = generator.value(POINTER, seed)
    if value is UNMADE:
        canonical = jsonschema_rs.canonicalize(whole, draft=jsonschema_rs.Draft202012, validate_formats=True)
        assert canonical.satisfiability() != Satisfiability.YES
        return
    oracle = jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    assert oracle.is_valid(value), json.dumps(value)


@pytest.mark.timeout(300)
@BOUNDED
@given(schema=SCHEMAS, seed=st.integers(0, 9))
def test_values_of_usual_schemas(schema: Json, seed: int) -> None:
    """Keywords as authors combine them."""
    check(schema, SELF, seed)


@pytest.mark.timeout(300)
@BOUNDED
@given(schema=every_keyword.SCHEMAS, seed=st.integers(0, 9))
def test_values_of_unusual_schemas(schema: Json, seed: int) -> None:
    """Each keyword with each other, on any type."""
    check(schema, {"anyOf": [every_keyword.SCALAR, {"type": "array", "items": every_keyword.SELF}]}, seed)
