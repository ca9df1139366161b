"""Long values without the parts that no rule looks at: they break the same rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.web.messages.coded_schemas import CodedSchema
from tests.contract.documents import coded
from tests.contract.near_documents import examples_by_schema

BODIES = examples_by_schema()
SINGLE = coded(BODIES["MessageInputDocument"][0])
BULK = coded(BODIES["BulkMessageInputDocument"][0])

_MEMBERS = st.sampled_from(["data", "type", "attributes", "id", "body", "wait-until", "meta", "@x", "x"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from(["", "message", "x"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_MEMBERS, inner, max_size=5),
    max_leaves=25,
)


@pytest.mark.parametrize("schema", [SINGLE, BULK], ids=["single", "bulk"])
@given(value=_VALUES)
def test_a_long_value_breaks_the_same_rules_when_it_is_clipped(schema: CodedSchema, value: Any) -> None:
    """Clipping leaves out only values that no rule reads, so that nobody waits for them."""
    assert schema.accepts(schema.clip(value)) == schema.accepts(value)
    assert schema.errors(value, is_long=True) == schema.errors(value)


def test_a_value_that_no_rule_reads_is_clipped() -> None:
    """A million numbers under a name that is not known, or where an object is wanted, are none to look at."""
    numbers = list(range(1_000))
    assert SINGLE.clip(numbers) == []
    assert SINGLE.clip({"data": numbers, "x": {"y": numbers}}) == {"data": [], "x": {}}
    attributes = {"a": numbers, "@a": numbers, "body": "x"}
    assert SINGLE.clip({"data": {"attributes": attributes}}) == {
        "data": {"attributes": {"a": [], "@a": [], "body": "x"}}
    }
