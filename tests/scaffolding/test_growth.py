"""A scaffold that is run again adds the new, names the gone, and changes no line of anybody."""

import re
import shlex
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.cli.serve import serve
from eqkit.contract.document import Json
from eqkit.errors import StartupError
from eqkit.scaffolding.modules import ExistingModule
from tests.scaffolding.projects import (
    GROWN,
    PETS,
    document,
    operation,
    parameter,
    plan_of,
    run_tests,
    scaffold,
    texts,
)


def notes_of(data: dict[str, Json], folder: Path) -> list[str]:
    """Return what is left to do, without the path of the folder."""
    return [each.removeprefix(f"{folder}/") for each in plan_of(data, folder).notes]


def test_a_project_has_all_files(tmp_path: Path) -> None:
    """A module and its tests for each tag, and what makes it a project."""
    scaffold(document(PETS), tmp_path)
    found = texts(tmp_path)
    assert sorted(found) == [
        "Makefile",
        "handlers/__init__.py",
        "handlers/pets.py",
        "openapi.json",
        "tests/conftest.py",
        "tests/test_pets.py",
    ]
    assert "CONTRACT = openapi.json\n" in found["Makefile"]
    assert 'CONTRACT = PROJECT / "openapi.json"\n' in found["tests/conftest.py"]


def test_the_tests_of_a_project_pass_and_notice_a_broken_handler(tmp_path: Path) -> None:
    """They ask the server for each operation, with the handlers; a failing one shows its traceback."""
    scaffold(document(GROWN), tmp_path)
    code, output = run_tests(tmp_path)
    assert (code, "4 passed" in output) == (0, True), output
    module = tmp_path / "handlers" / "shops.py"
    module.write_text(module.read_text().replace("return example()", "return 1 / 0"))
    code, output = run_tests(tmp_path)
    assert (code, "1 failed, 3 passed" in output) == (1, True), output
    assert "ZeroDivisionError" in output


@pytest.mark.parametrize(
    ("place", "sent"),
    [
        ("query", '"/pets?key=test_handlers", headers={"key": "own", "Cookie": "c=1"}'),
        ("header", '"/pets", headers={"Cookie": "c=1", "Key": "test_handlers"}'),
        ("cookie", '"/pets", headers={"key": "own", "Cookie": "c=1; Key=test_handlers"}'),
    ],
)
def test_a_test_sends_the_key_in_its_place(tmp_path: Path, place: str, sent: str) -> None:
    """It is there once, whatever the letters of a parameter with its name, and other cookies stay."""
    name = "key" if place == "query" else "Key"
    parameters = [
        parameter("key", "header", required=True, example="own"),
        parameter("c", "cookie", required=True, example="1"),
    ]
    scheme: Json = {"type": "apiKey", "in": place, "name": name}
    get = operation("listPets", parameters=parameters, security=[{"K": []}])
    scaffold(document({"/pets": {"get": get}}, components={"securitySchemes": {"K": scheme}}), tmp_path)
    text = " ".join(texts(tmp_path)["tests/test_pets.py"].split()).replace("( ", "(").replace(", )", ")")
    assert f'mock.send("GET", {sent})' in text


def test_nothing_is_written_where_nothing_has_changed(tmp_path: Path) -> None:
    """A second run has nothing to do."""
    scaffold(document(PETS), tmp_path)
    plan = plan_of(document(PETS), tmp_path)
    assert (plan.is_empty, plan.notes, plan.added) == (True, [], [])


def test_new_operations_come_to_the_end(tmp_path: Path) -> None:
    """Stubs and tests, with the imports that they need; what stood there stands there."""
    scaffold(document(PETS), tmp_path)
    before = texts(tmp_path)
    plan = scaffold(document(GROWN), tmp_path)
    after = texts(tmp_path)
    assert [each.removeprefix(f"{tmp_path}/") for each in plan.added] == ["handlers/pets.py: add_pet"]
    assert (
        after["handlers/pets.py"]
        .replace("from typing import Literal\n", "")
        .startswith(before["handlers/pets.py"])
    )
    assert after["handlers/pets.py"].count("def add_pet(") == 1
    assert after["tests/test_pets.py"].startswith(before["tests/test_pets.py"])
    assert after["tests/test_pets.py"].count("def test_add_pet(") == 1
    assert {*after} - {*before} == {"handlers/shops.py", "tests/test_shops.py"}
    assert {name for name in before if before[name] != after[name]} == {
        "openapi.json",
        "handlers/pets.py",
        "tests/test_pets.py",
    }
    assert plan_of(document(GROWN), tmp_path).is_empty


@pytest.mark.parametrize(
    ("function", "note"),
    [
        ("def get_pet(sandbox, id, colour): ...", ""),
        ("def get_pet(sandbox, **all): ...", ""),
        ("async def get_pet(sandbox, *, colour, id, store, _mine=1): ...", ""),
        ("get_pet = 3", ""),
        ("def get_pet(sandbox, id): ...",
         "1: get_pet does not take colour, which GET /pets/{id} has"),
        ("\n\ndef get_pet(sandbox, id, colour, size, weight=1): ...",
         "3: get_pet takes size, weight, which GET /pets/{id} has not"),
        ("def get_pet(sandbox, id, colour): ...\ndef getpet(): ...",
         "2: getpet answers no operation of the contract"),
        ("def get_pet(sandbox, id, colour): ...\ndef _helper(): ...", ""),
    ],
)  # fmt: skip
def test_what_is_left_to_do_is_named(tmp_path: Path, function: str, note: str) -> None:
    """Functions whose operation is gone, and parameters that are new or gone, each with its line."""
    data = document({"/pets/{id}": GROWN["/pets/{id}"]})
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "pets.py").write_text(function)
    assert notes_of(data, tmp_path) == ([f"handlers/pets.py:{note}"] if note else [])
    assert (tmp_path / "handlers" / "pets.py").read_text() == function


def test_functions_of_a_tag_that_is_gone_are_named(tmp_path: Path) -> None:
    """Modules of a user's own begin with ``_``."""
    scaffold(document(GROWN), tmp_path)
    (tmp_path / "handlers" / "_mine.py").write_text("def f(): ...")
    (line,) = notes_of(document({"/pets": GROWN["/pets"], "/pets/{id}": GROWN["/pets/{id}"]}), tmp_path)
    assert line == "handlers/shops.py:6: list_shops answers no operation of the contract"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# a comment",
        '"""A docstring."""',
        '"""A docstring."""\n\nX = 1\n',
        "import os\n\n\nX = os.sep",
        "#!/usr/bin/env python\n# coding: latin-1\n\nX = 'ä'\n",
        "from typing import (\n    Any,\n)\nX: Any = 1\n\n\n\n\n",
        "from eqkit.serving import Example, Result, Sandbox\r\n\r\nX = 1\r\n",
        "import os; X = 1",
        "if True:\n    import os\n\f\nX = '''\u2028\x1c'''\n",
        "from __future__ import annotations",
        "\ufeffX = 1\n",
        "def f():\n    pass  # no line break at the end",
    ],
)
def test_a_module_keeps_every_byte_of_its_own(tmp_path: Path, text: str) -> None:
    """In its encoding and with its line ends; only lines of imports come between."""
    (tmp_path / "handlers").mkdir()
    file = tmp_path / "handlers" / "pets.py"
    raw = text.encode("latin-1" if "latin-1" in text else "utf-8")
    file.write_bytes(raw)
    scaffold(document(GROWN), tmp_path)
    grown = file.read_bytes()
    assert grown.startswith(b"\xef\xbb\xbf") == raw.startswith(b"\xef\xbb\xbf")
    own = iter(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    wanted = next(own)
    for line in grown.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if line.rstrip(b"\r") == wanted.rstrip(b"\r"):
            wanted = next(own, b"-- all found --")
    assert wanted in (b"", b"-- all found --")
    assert (b"\r\n" in raw) == (b"\r\n" in grown)
    assert grown.count(b"def list_pets(") == 1
    compile(grown, str(file), "exec")
    assert "list_pets" in ExistingModule(file).functions
    assert plan_of(document(GROWN), tmp_path).extended == {}


@settings(max_examples=50)
@given(st.data())
def test_extended_modules_compile(data: st.DataObject) -> None:
    """For any order of docstring, comments, imports and code."""
    parts = st.sampled_from(
        [
            "# comment",
            "import os",
            "from typing import Any",
            "X = 1",
            "",
            "def f():\n    pass",
            "if X:\n    X = 2",
        ]
    )
    text = "\n".join(["X = 0", *data.draw(st.lists(parts, max_size=6))])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "m.py"
        file.write_text(text)
        added = "def g(sandbox: Sandbox) -> Any:\n    return 1\n"
        grown = ExistingModule(file).extended([added]).decode()
    compile(grown, "m.py", "exec")
    assert grown.endswith(f"\n\n\n{added}")
    assert grown.count("import Sandbox") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(:", "pets.py:1: SyntaxError: "),
        ("X = '\x00'", "pets.py:1: "),
        ("# coding: nonsense", "pets.py:1: SyntaxError: unknown encoding"),
    ],
)
def test_a_module_that_is_no_python_is_left_alone(tmp_path: Path, text: str, message: str) -> None:
    """Nothing is written at all, and the line names the place."""
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "pets.py").write_text(text)
    with pytest.raises(StartupError, match=message):
        scaffold(document(GROWN), tmp_path)
    assert sorted(texts(tmp_path)) == ["handlers/pets.py", "openapi.json"]


def test_a_name_that_is_something_else_is_not_imported_over(tmp_path: Path) -> None:
    """The stubs wait until somebody has decided."""
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "pets.py").write_text("class Result: ...\n")
    plan = scaffold(document(PETS), tmp_path)
    assert [each.rpartition("/")[2] for each in plan.notes] == [
        "pets.py: nothing is added, since Result is something else here"
    ]
    assert (tmp_path / "handlers" / "pets.py").read_text() == "class Result: ...\n"


def test_a_package_of_a_users_own_is_the_module(tmp_path: Path) -> None:
    """`handlers/pets/__init__.py` gets the stubs."""
    package = tmp_path / "handlers" / "pets"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    scaffold(document(PETS), tmp_path)
    assert "def list_pets(" in (package / "__init__.py").read_text()
    assert not (tmp_path / "handlers" / "pets.py").exists()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("open api.json", "CONTRACT = open api.json\n"),
        ("-a.json", "CONTRACT = ./-a.json\n"),
        ("$(x)&;`y`.json", "CONTRACT = $$(x)&;`y`.json\n"),
        ("it's.json", None),
        ("a#b.json", None),
        ("a\nb.json", None),
    ],
)
def test_the_makefile_has_the_name_of_the_contract(tmp_path: Path, name: str, line: str | None) -> None:
    """As make and the shell take it; a name that they would not take is left to the user."""
    plan = plan_of(document(PETS), tmp_path, str(tmp_path / name))
    written = plan.new.get(tmp_path / "Makefile", b"").decode()
    assert (
        (line in written) if line else (written == "" and plan.notes[-1].endswith("the name of the contract"))
    )


def test_the_makefile_serves_by_a_line_that_the_command_takes(tmp_path: Path) -> None:
    """Each option of it is known, and has its value."""
    scaffold(document(PETS), tmp_path)
    (line,) = re.findall(r"^\teqkit serve (.*)$", (tmp_path / "Makefile").read_text(), re.MULTILINE)
    given = serve.make_context("serve", shlex.split(line.replace("$(ARGS)", ""))).params
    assert (given["handlers"], given["watch"]) == ("handlers", "true")
