"""A folder of handlers is imported apart from everything else, and all of its faults are told at once."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.errors import ContractError
from eqkit.web.contracts.handlers import UserHandlers
from tests.web.contracts.handlers.folders import CONTRACT, PETS, document_of, load, write

HAS = "limit, in_stock, tags, weight, filter, x_trace_id, session"
TOOLS = "clock, events, example, generated, links, random, request, store, webhooks"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("def list_pets(sandbox:\n", "pets.py:1: SyntaxError: "),
        ("\n\nimport no_such_module\n", "pets.py:3: ModuleNotFoundError: No module named 'no_such_module'"),
        ("from ._away import x\n", "pets.py:1: ModuleNotFoundError: No module named "),
        ("def f():\n    return 1 / 0\n\nf()\n", "pets.py:2: ZeroDivisionError: division by zero"),
        ("raise ValueError('two\\nlines \\x1b[31m')", "pets.py:1: ValueError: two\\nlines \\x1b[31m"),
        ("raise AssertionError", "pets.py:1: AssertionError"),
        ("raise BaseException('no')", "pets.py:1: BaseException: no"),
        ("class _E(Exception):\n    def __str__(self): return 1 / 0\nraise _E",
         "pets.py:3: _E: its text cannot be made: ZeroDivisionError"),
        ("from . import away", "pets.py:1: ImportError: cannot import name 'away' from '{folder}'"),
        ("from .away import x", "pets.py:1: ModuleNotFoundError: No module named '{folder}.away'"),
        ("raise SystemExit(3)", "pets.py:1: SystemExit: 3"),
        ("a = '\x00'", "pets.py:1: "),
        ("list_pets = 3", "pets.py: list_pets is no function"),
        ("import json as list_pets", "pets.py: list_pets is no function"),
        ("def list_pets(): ...", "pets.py:1: list_pets has no first parameter for the sandbox"),
        ("def list_pets(*, limit): ...", "pets.py:1: list_pets has no first parameter for the sandbox"),
        ("\ndef list_pets(limit): ...",
         "pets.py:2: list_pets has limit for its first parameter, which is the sandbox"),
        ("def list_pets(store, limit): ...",
         "pets.py:1: list_pets has store for its first parameter, which is the sandbox"),
        ("def list_pets(sandbox, colour, limit, size=3): ...",
         f"pets.py:1: list_pets takes colour, size, and GET /pets has {HAS} (any function may take {TOOLS})"),
        ("def list_pets(sandbox, body): ...",
         f"pets.py:1: list_pets takes body, and GET /pets has {HAS} (any function may take {TOOLS})"),
        ("def list_pets(sandbox, limit, /): ...",
         f"pets.py:1: list_pets takes limit, and GET /pets has {HAS} (any function may take {TOOLS})"),
        ("def list_pets(sandbox, _mine): ...",
         f"pets.py:1: list_pets takes _mine, and GET /pets has {HAS} (any function may take {TOOLS})"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    """A module that does not import, and a function that cannot be called for its operation."""
    with pytest.raises(ContractError) as caught:
        load(tmp_path, pets=text)
    title, *lines = str(caught.value).split("\n")
    fault = fault.replace("{folder}", tmp_path.name)
    assert title == f"the handlers in {tmp_path} cannot be used:"
    assert [each[: len(f"{tmp_path}/{fault}")] for each in lines] == [f"{tmp_path}/{fault}"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """One line for each, by module and in the order of the contract; that of a shared module once."""
    with pytest.raises(ContractError) as caught:
        load(
            tmp_path,
            default="import _shared",
            pets="def get_pet(sandbox, id): ...\ndef list_pets(): ...",
            photos="from . import _shared",
            _shared="1 / 0",
        )
    assert [
        line.partition(": ")[0].removeprefix(f"{tmp_path}/") for line in str(caught.value).split("\n")[1:]
    ] == [
        "_shared.py:1",
        "pets.py:2",
        "pets.py:1",
    ]


@pytest.mark.parametrize("name", ["nothing", "a.py"])
def test_a_folder_that_is_none_is_an_error(tmp_path: Path, name: str) -> None:
    """It is named as it was given."""
    (tmp_path / "a.py").touch()
    with pytest.raises(ContractError, match=r"(nothing|a\.py): there is no such folder of handlers"):
        UserHandlers(tmp_path / name, CONTRACT)


@pytest.mark.parametrize(
    ("modules", "warnings"),
    [
        ({}, []),
        ({"pets": "def list_pets(sandbox): ..."}, []),
        ({"pets": "def list_pet(sandbox): ..."},
         ["pets.py:1: list_pet answers no operation (did you mean list_pets?)"]),
        ({"pets": "\ndef find(): ..."},
         ["pets.py:2: find answers no operation (a function of your own begins with _)"]),
        ({"pets": "def health(sandbox): ..."},
         ["pets.py:1: health answers no operation (that of health stands in default.py)"]),
        ({"pets": "list_pets = lambda sandbox: []"}, []),
        ({"pets": "def _as_list(f):\n    def _called(sandbox): return [f(sandbox)]\n    return _called\n"
          "@_as_list\ndef list_pets(sandbox): ..."}, []),
        ({"pets": "def __getattr__(name): raise RuntimeError"}, []),
        ({"pets": "def _find(): ...\nfrom os.path import join\nclass Pet: ..."}, []),
        ({"pet": "def list_pets(sandbox): ..."},
         ["pet.py: the contract has no tag for it (did you mean pets.py?)"]),
        ({"seeds": ""}, ["seeds.py: the contract has no tag for it (a module of your own begins with _)"]),
        ({"seeds": "", "pets": "from . import seeds"}, []),
        ({"_seeds": "1 / 0", "test_pets": "1 / 0", "conftest": "1 / 0", "__init__": ""}, []),
        ({"pet-s": ""}, ["pet-s.py: the contract has no tag for it (did you mean pets.py?)"]),
    ],
)  # fmt: skip
def test_a_name_that_answers_nothing_is_a_warning(
    tmp_path: Path, modules: dict[str, str], warnings: list[str]
) -> None:
    """With the nearest name that does; names of a user's own begin with ``_``, or are used by a sibling."""
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text)
    handlers = UserHandlers(tmp_path, CONTRACT)
    assert [each.removeprefix(f"{tmp_path}/") for each in handlers.warnings] == warnings


def test_operations_whose_names_collide_are_told(tmp_path: Path) -> None:
    """Where the folder has handlers for their module."""
    more = {
        "/other": {"get": {"operationId": "get-Health", "responses": {}}},
        "/third": {"get": {"operationId": "getHealth", "responses": {}}},
    }
    contract = Contract(Document({**PETS, "paths": {**PETS["paths"], **more}}))
    assert UserHandlers(tmp_path, contract).warnings == ()
    write(tmp_path, default="def health(sandbox): return 'fine'")
    assert UserHandlers(tmp_path, contract).warnings == (
        "default.py: get_health would be 2 operations; 'get-Health' is get_other",
        "default.py: get_health would be 2 operations; 'getHealth' is get_third",
    )


@pytest.mark.parametrize(
    "imports",
    [
        "from ._shared import value",
        "from . import _shared\nvalue = _shared.value",
        "from _shared import value",
        "import _shared\nvalue = _shared.value",
        "from {folder}._shared import value",
        "from {folder} import _shared\nvalue = _shared.value",
        "import {folder}._shared\nvalue = {folder}._shared.value",
        "import {folder}._shared as shared\nvalue = shared.value",
        "from sub.deep import value",
        "import sub.deep\nvalue = sub.deep.value",
        "import sub.deep as deep\nvalue = deep.value",
        "from .sub import deep\nvalue = deep.value",
        "from . import photos\nvalue = photos.value",
        "value = None\ndef late():\n    import _shared\n    return _shared.value",
    ],
)
def test_modules_import_each_other(tmp_path: Path, imports: str) -> None:
    """Relatively, by their own names, and below the folder's, also once a function runs."""
    folder = tmp_path / "answers"
    imports = imports.format(folder=folder.name)
    handlers = load(
        folder,
        _shared="value = ['shared']",
        photos="value = ['shared']",
        sub__deep="from _shared import value",
        pets=f"{imports}\ndef list_pets(sandbox): return value if value else late()",
    )
    assert document_of(handlers, "listPets") == ["shared"]


def test_the_standard_library_goes_before_a_module_of_its_name(tmp_path: Path) -> None:
    """A tag may be called as a module of Python is."""
    handlers = load(
        tmp_path,
        calendar="name = 'mine'",
        pets="import calendar\ndef list_pets(sandbox): return calendar.isleap(4)",
    )
    assert document_of(handlers, "listPets") is True


def test_an_import_leaves_nothing_behind(tmp_path: Path) -> None:
    """`sys.path` stays, no module is known by its own name, and no file is written; closed, none is left."""
    before, path = set(sys.modules), [*sys.path]
    handlers = load(tmp_path, pets="import _shared\ndef list_pets(sandbox): ...", _shared="")
    names = {each.partition(".")[0] for each in set(sys.modules) - before}
    assert len(names) == 1
    assert names.pop().startswith("_eqkit_handlers_")
    assert sys.path == path
    assert sorted(each.name for each in tmp_path.iterdir()) == ["_shared.py", "pets.py"]
    handlers.close()
    assert set(sys.modules) - before == set()


def test_a_folder_that_has_changed_is_loaded_anew(tmp_path: Path) -> None:
    """An edit of the same length within a second counts; a broken one leaves the handlers as they are."""
    first = load(
        tmp_path, pets="import _shared\ndef list_pets(sandbox): return _shared.value", _shared="value = 1"
    )
    stat = (tmp_path / "_shared.py").stat()
    write(tmp_path, _shared="value = 2")
    os.utime(tmp_path / "_shared.py", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    second = first.reload()
    first.close()
    assert [document_of(each, "listPets") for each in (first, second)] == [1, 2]
    write(tmp_path, _shared="value = ")
    with pytest.raises(ContractError, match=r"_shared\.py:1: SyntaxError"):
        second.reload()
    assert document_of(second, "listPets") == 2


class _Importing(str):
    """A name during whose comparison another thread imports a module."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        sys.modules.setdefault(f"imported_beside_{len(sys.modules)}", sys)
        return str(self) == other

    __hash__ = str.__hash__


def test_modules_are_forgotten_while_another_thread_imports(tmp_path: Path) -> None:
    """The control plane is built beside a reload, and imports what it needs."""
    handlers = load(tmp_path, pets="")
    before = set(sys.modules)
    package = handlers._modules._package
    handlers._modules._package = _Importing(package)
    handlers.close()
    for name in set(sys.modules) - before:
        del sys.modules[name]
    assert not [each for each in sys.modules if each.startswith(package)]


def test_a_folder_is_loaded_anew_for_another_contract(tmp_path: Path) -> None:
    """A function whose operation is gone is a warning then."""
    handlers = load(tmp_path, pets="def list_pets(sandbox): ...\ndef get_pet(sandbox): ...")
    paths = {path: item for path, item in PETS["paths"].items() if path != "/pets/{petId}"}
    changed = Contract(Document({**PETS, "paths": paths}))
    anew = handlers.reload(changed)
    assert anew.handler(changed.operations["listPets"]) is not None
    assert [each.removeprefix(f"{tmp_path}/") for each in anew.warnings] == [
        "pets.py:2: get_pet answers no operation (a function of your own begins with _)"
    ]


def test_an_operation_without_a_function_has_no_handler(tmp_path: Path) -> None:
    """It is answered otherwise."""
    handlers = load(tmp_path, pets="def list_pets(sandbox): ...")
    found: dict[str, Any] = {each.id: handlers.handler(each) for each in CONTRACT.operations.values()}
    assert [name for name, handler in found.items() if handler is not None] == ["listPets"]
