"""Parameters and bodies of any contract, as the server compiles them at its start."""

from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.errors import Code, ContractError
from eqkit.web.messages.coded_schemas import coded_schema
from eqkit.web.middleware.validation import ParameterReader


def reader(place: str, **parameter: Any) -> ParameterReader:
    """Compile the only parameter of a contract."""
    listed = [{"name": "x-one", "in": place, **parameter}]
    document = {"openapi": "3.0.3", "paths": {"/a": {"get": {"parameters": listed, "responses": {}}}}}
    compiled = CompiledContract(Document(document))
    (found,) = compiled.operation("/paths/~1a/get").parameters
    return ParameterReader(compiled, found)


@pytest.mark.parametrize(
    ("place", "code"), [("header", Code.INVALID_HEADER), ("query", Code.INVALID_PARAMETER)]
)
def test_an_error_has_the_code_of_the_parameters_place(place: str, code: Code) -> None:
    """A text that its style does not write and a wrong value get the same code."""
    schema = {"type": "object", "properties": {"a": {"type": "integer", "maximum": 1}}}
    style: dict[str, Any] = {"explode": False} if place == "query" else {"explode": True}
    one = reader(place, schema=schema, **style)
    malformed, wrong = ("a,1,b", "a,7") if place == "query" else ("a", "a=7")
    for text in (malformed, wrong):
        (error,) = one.errors(text)
        assert error.code is code
        assert (error.header, error.parameter) == (("x-one", None) if place == "header" else (None, "x-one"))


@pytest.mark.parametrize(
    ("schema", "text", "is_right"),
    [
        ({"type": "string", "maxLength": 2}, "ab", True),
        ({"type": "string", "maxLength": 2}, "abc", False),
        ({"type": "integer"}, "7", True),
        ({"type": "integer"}, "007", False),
        ({"type": "array", "items": {"type": "integer"}}, "1,2", True),
        ({"type": "array", "items": {"type": "integer"}}, "1,b", False),
    ],
)
def test_a_header_is_read_as_its_schema_has_it(schema: dict[str, Any], text: str, is_right: bool) -> None:
    """The quick look at a plain text and the reading of any other lead to the same verdict."""
    one = reader("header", schema=schema)
    assert (one.accepts(text) or one.errors(text) == []) is is_right


def test_a_server_needs_a_schema_for_each_parameter() -> None:
    """Without one it could say nothing of a value, and the whole document is no schema."""
    with pytest.raises(ContractError, match="has no schema"):
        reader("query", content={"text/plain": {}})
    with pytest.raises(ContractError, match="has no schema"):
        coded_schema(CompiledContract(Document({"openapi": "3.0.3"})), "")
