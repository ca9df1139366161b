"""Stubs have the types and the words of the contract, whatever names a hostile one has."""

import ast
import inspect
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract
from eqkit.contract.signatures import Signatures
from eqkit.scaffolding.stubs import Stubs
from eqkit.web.contracts.handlers import UserHandlers
from tests.processes import PATIENCE_S
from tests.scaffolding.projects import PET, document, operation, parameter, plan_of, scaffold

COLOURS = ["red", "green", "it's", 'say "x"', "a\nb"]
LONG = [f"a-rather-long-choice-{number}" for number in range(5)]
ROOT = Path(__file__).parents[2]


def stub(node: dict[str, Json], path: str = "/pets/{id}", **members: Json) -> str:
    """Return the stub of one operation."""
    contract = Contract(Document(document({path: {"post": node}}, **members)))
    (signature,) = Signatures(contract).of.values()
    return Stubs(CompiledContract(contract.document)).function(signature)


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ({"type": "string"}, "str"),
        ({"type": "string", "format": "uuid"}, "str"),
        ({"type": "integer"}, "int"),
        ({"type": "number"}, "float"),
        ({"type": "boolean"}, "bool"),
        ({"type": "object"}, "dict[str, Any]"),
        ({"properties": {"a": True}}, "dict[str, Any]"),
        ({"type": "array"}, "list[Any]"),
        ({"type": "array", "items": {"type": "integer"}}, "list[int]"),
        ({"type": "array", "items": {"type": "array", "items": PET}}, "list[list[dict[str, Any]]]"),
        ({"type": ["string", "null"]}, "str | None"),
        ({"type": ["integer", "string"]}, "int | str"),
        ({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]}, "int | list[str]"),
        ({"enum": ["a", "b"]}, 'Literal["a", "b"]'),
        ({"type": "string", "enum": COLOURS},
         """Literal["red", "green", "it's", 'say "x"', "a\\nb"]"""),
        ({"type": "integer", "enum": [1, 2]}, "Literal[1, 2]"),
        ({"enum": ["a", None]}, 'Literal["a"] | None'),
        ({"enum": [True, 1]}, "Literal[True, 1]"),
        ({"const": "a"}, 'Literal["a"]'),
        ({"enum": [1.5, 2.5]}, "float"),
        ({"type": "string", "enum": [str(each) for each in range(50)]}, "str"),
        ({"type": "string", "enum": ["x" * 100]}, "str"),
        ({"type": "array", "items": {"enum": ["a"]}}, 'list[Literal["a"]]'),
        ({"$ref": "#/components/schemas/Pet"}, "dict[str, Any]"),
        ({"$ref": "#/components/schemas/Round"}, "Any"),
        ({"type": "nonsense"}, "Any"),
        ({"type": None}, "Any"),
        ({"enum": []}, "Any"),
        ({"enum": "a"}, "Any"),
        (True, "Any"),
        ({}, "Any"),
    ],
)  # fmt: skip
def test_a_parameter_has_the_type_of_its_schema(schema: Json, name: str) -> None:
    """A path's parameter is never missing; one of the query may be None, unless it may be anything."""
    components = {"schemas": {"Pet": PET, "Round": {"$ref": "#/components/schemas/Round"}}}
    node = operation("a", parameters=[parameter("id", "path", schema), parameter("limit", schema=schema)])
    arguments = _annotations(stub(node, components=components))
    assert arguments["id"] == _normal(name)
    may_be_missing = name if name == "Any" or name.endswith("None") else f"{name} | None"
    assert arguments["limit"] == _normal(may_be_missing)


def _annotations(function: str) -> dict[str, str]:
    (definition,) = ast.parse(function).body
    assert isinstance(definition, ast.FunctionDef)
    return {each.arg: ast.unparse(each.annotation) for each in definition.args.args if each.annotation}


def _normal(text: str) -> str:
    return ast.unparse(ast.parse(text))


@pytest.mark.parametrize(
    ("version", "schema", "name"),
    [
        ("3.0.3", {"type": "string", "nullable": True}, "str | None"),
        ("3.0.3", {"type": "string", "enum": ["a"], "nullable": True}, 'Literal["a"] | None'),
        ("3.1.0", {"type": "string", "nullable": True}, "str | None"),
    ],
)
def test_null_is_of_the_version(version: str, schema: Json, name: str) -> None:
    """OpenAPI 3.0 has `nullable`, and many later documents keep it."""
    node = operation("a", parameters=[parameter("id", "path", schema)])
    assert _annotations(stub(node, openapi=version))["id"] == _normal(name)


@pytest.mark.parametrize(
    ("content", "is_required", "name"),
    [
        ({"application/json": {"schema": PET}}, True, "dict[str, Any]"),
        ({"application/json": {"schema": PET}}, False, "dict[str, Any] | None"),
        ({"application/merge-patch+json": {"schema": {"type": "array"}}}, True, "list[Any]"),
        ({"multipart/form-data": {"schema": PET}}, True, "dict[str, Any]"),
        ({"application/json": {"schema": PET}, "application/xml": {"schema": PET}}, True, "dict[str, Any]"),
        ({"application/json": {"schema": PET}, "text/json": {"schema": {"type": "array"}}}, True, "Any"),
        ({"text/plain": {"schema": {"type": "string"}}}, False, "Any"),
        ({"application/json": {}}, True, "Any"),
    ],
)
def test_a_body_has_the_type_of_its_document(content: Json, is_required: bool, name: str) -> None:
    """That of JSON and of forms; other bodies may be anything."""
    node = operation("a", requestBody={"required": is_required, "content": content})
    assert _annotations(stub(node))["body"] == _normal(name)


def test_a_stub_tells_what_the_contract_says() -> None:
    """Parameters that every request has come first; the docstring has summary, description and responses."""
    node = operation(
        "addPet",
        summary="Add a pet.",
        description='Into the shop.\n\nOnce more:\n\n    code """\n',
        parameters=[
            parameter("limit", schema={"type": "integer"}),
            parameter("id", "path", {"type": "string"}),
            parameter("X-Trace", "header", {"type": "string"}, required=True),
            parameter("colour", schema={"enum": LONG}),
        ],
        requestBody={"required": True, "content": {"application/json": {"schema": PET}}},
    )
    node["responses"] = {**node["responses"], "4XX": {"$ref": "#/components/responses/Error"}, "default": {}}
    assert (
        stub(node, components={"responses": {"Error": {"description": "An error."}}})
        == '''\
def add_pet(
    sandbox: Sandbox,
    id: str,
    x_trace: str,
    body: dict[str, Any],
    example: Example,
    limit: int | None = None,
    colour: Literal[
        "a-rather-long-choice-0",
        "a-rather-long-choice-1",
        "a-rather-long-choice-2",
        "a-rather-long-choice-3",
        "a-rather-long-choice-4",
    ]
    | None = None,
) -> Result:
    """Add a pet.

    Into the shop.

    Once more:

    code \\"\\"\\"

    POST /pets/{id}

    Responses:
        200: A pet.
        4XX: An error.
        default
    """
    return example()
'''
    )


EVERYTHING = document(
    {
        "/pets/{id}": {
            "parameters": [parameter("id", "path", {"type": "integer"})],
            "get": operation(
                "getPet",
                summary="x" * 200,
                description="word " * 100,
                parameters=[
                    parameter("colour", schema={"enum": LONG}),
                    parameter("colours", schema={"type": "array", "items": {"enum": LONG}}),
                    parameter("a-parameter-with-a-long-name", schema={"type": ["string", "number"]}),
                    parameter("class"), parameter("list"), parameter("example"), parameter("id"),
                ],
            ),
            "put": operation("class", requestBody={"content": {"application/json": {"schema": PET}}}),
            "post": operation("list", tags=['the "shop" \\']),
            "delete": operation("str", tags=["the operations of a tag with a name that is rather long, too"]),
        },
        "/": {"get": operation(tags=()), "head": operation("an operation " * 8, tags=["pets", "other"])},
    }
)  # fmt: skip


def test_generated_code_is_clean(tmp_path: Path) -> None:
    """By ruff's default rules and its format, and by mypy, strict."""
    scaffold(EVERYTHING, tmp_path)
    for command in (
        ("ruff", "check", "--isolated", "--no-cache", "."),
        ("ruff", "format", "--isolated", "--no-cache", "--check", "--diff", "."),
        (
            "mypy",
            "--strict",
            "--cache-dir",
            str(tmp_path / "cache"),
            "--follow-imports",
            "silent",
            "handlers",
            "tests",
        ),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, env={"MYPYPATH": str(ROOT), "PATH": ""},
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        own = [line for line in done.stdout.splitlines() if not line.startswith(str(ROOT))]
        assert done.returncode == 0 or not [line for line in own if "error" in line], (
            done.stdout + done.stderr
        )


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ['"""', "'''", "\\", "a\n    import os", "class", "None", "from", "def", "__init__", "__class__", "🎉",
     "x" * 3_000, "ﬁ", "../../etc", "a/b", "con", "test_x", "conftest", "default", "sandbox", "body", "{x}",
     "example", "Sandbox", "Any", "Result", "%s", "${HOME}", "#", "list", "self", "_", "__import__('os')"]
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(NAMES, NAMES, NAMES, NAMES), min_size=1, max_size=4, unique_by=lambda each: each[0])
)
@example([('a"""', 'b"""', 'c"""', 'd"""\\'), ("\\", "\\", "\\", "\\")])
def test_hostile_names_stand_in_no_code(names: list[tuple[str, str, str, str]]) -> None:
    """Each module compiles, has its functions and nothing else, and the server finds them all."""
    paths: dict[str, Json] = {}
    for path, name, tag, word in names:
        listed = [parameter(word), parameter(tag, "header", {"enum": [name, word]})]
        node = operation(name, tags=[tag], summary=word, description=word * 3, parameters=listed)
        node["responses"]["404"] = {"description": word}
        paths[f"/{path.replace('{', '')}"] = {"get": node}
    contract = Contract(Document(document(paths)))
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_of(document(paths), Path(folder))
        plan.write()
        handlers = Path(folder) / "handlers"
        assert all(each.resolve().is_relative_to(Path(folder).resolve()) for each in plan.new)
        for signatures in Signatures(contract).modules.values():
            module = _executed(handlers / f"{signatures[0].module}.py")
            functions = {name for name, value in vars(module).items() if inspect.isfunction(value)}
            assert functions == {each.function for each in signatures}
        for file in (Path(folder) / "tests").glob("*.py"):
            compile(file.read_text(), str(file), "exec")
        found = UserHandlers(handlers, contract)
        assert all(found.handler(each) is not None for each in contract.operations.values())
        found.close()


def _executed(file: Path) -> ModuleType:
    """Run a generated module, which does nothing but define its functions."""
    tree = ast.parse(file.read_text())
    kinds = (ast.ImportFrom, ast.FunctionDef, ast.Expr)
    assert all(isinstance(each, kinds) for each in tree.body)
    assert sum(isinstance(each, ast.Expr) for each in tree.body) == 1
    module = ModuleType("generated")
    exec(compile(tree, str(file), "exec"), vars(module))
    return module
