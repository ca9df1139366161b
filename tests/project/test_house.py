"""The rules of the architecture that no linter knows, and import-linter's floors as a test."""

import ast
import collections
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from tests.tools import needed

ROOT = Path(__file__).parents[2]
FOLDERS = ("eqkit", "handlers", "mocks")
FILES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
MAX_FILE_LINES = 350
MAX_FILES_OF_A_FOLDER = 15
CROWDED = {
    "changes": "one fragment for each change, until the next release collects them",
    "tests/contract/schemas/json_schema_test_suite": "vendored: the files are as their suite has them",
}
"""Folders that may have more files side by side, they and those within them, and why."""

MAX_FUNCTION_LINES = 50
VAGUE_NAMES = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
WALL_CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}


def place(file: Path) -> str:
    """The path of a file as a person would name it, from the root of the project."""
    return file.relative_to(ROOT).as_posix()


def tracked(*patterns: str) -> list[str]:
    """The files that git has, by their paths from the root of the project."""
    listed = subprocess.run(
        [needed("git"), "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def is_crowded(name: str) -> bool:
    """Tell a file of a folder that may have as many as it likes."""
    return any(name.startswith(f"{folder}/") for folder in CROWDED)


def nodes(file: Path) -> Iterator[ast.AST]:
    """Every node of the syntax tree of a file."""
    return ast.walk(ast.parse(file.read_text(), str(file)))


def names_used(file: Path) -> set[str]:
    """The last two parts of every dotted name, and `module.name` for every `from module import name`."""
    used = set()
    for node in nodes(file):
        if isinstance(node, ast.ImportFrom):
            used |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            used.add(f"{owner}.{node.attr}")
    return used


def test_a_room_imports_only_from_the_floors_below_it() -> None:
    """The floors of ARCHITECTURE.md, as import-linter finds them in pyproject.toml."""
    command = shutil.which("lint-imports", path=sysconfig.get_path("scripts"))
    assert command is not None
    answer = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_room_stands_in_the_picture() -> None:
    """ARCHITECTURE.md names every module and package that stands directly under `eqkit/`."""
    picture = (ROOT / "ARCHITECTURE.md").read_text()
    interfaces = {file.stem for file in (ROOT / "eqkit").glob("*.py")} - {"__init__"}
    rooms = {init.parent.name for init in (ROOT / "eqkit").glob("*/__init__.py")}
    assert {name for name in interfaces | rooms if f"`{name}" not in picture} == set()


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    """Python files have at most 350 lines, those of tests, benchmarks and generators too."""
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in tracked("*.py")}
    assert {name: length for name, length in lengths.items() if length > MAX_FILE_LINES} == {}


def test_no_folder_has_more_files_than_a_person_can_choose_from() -> None:
    """At most 15 files stand side by side; hidden ones and `__init__.py` are not counted."""
    files = [Path(name) for name in tracked() if not is_crowded(name)]
    counted = [file for file in files if not file.name.startswith(".") and file.name != "__init__.py"]
    sizes = collections.Counter(file.parent.as_posix() for file in counted)
    assert {folder: size for folder, size in sizes.items() if size > MAX_FILES_OF_A_FOLDER} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    """Functions have at most 50 lines, their docstring included."""
    lengths = {
        f"{place(file)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for file in FILES
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def test_every_module_opens_with_a_docstring() -> None:
    """Each module states its purpose in one sentence."""
    assert [place(file) for file in FILES if not ast.get_docstring(ast.parse(file.read_text()))] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    """The name of a module describes its contents."""
    vague = [place(file) for file in FILES if VAGUE_NAMES & set(file.relative_to(ROOT).with_suffix("").parts)]
    assert vague == []


def test_the_wall_clock_is_read_in_one_file() -> None:
    """Everything that waits or expires gets its time from a `Clock`."""
    assert [place(file) for file in FILES if names_used(file) & WALL_CLOCKS] == ["eqkit/timing/clock.py"]


def test_the_environment_is_read_in_one_file() -> None:
    """One module reads variables, and makes the environment of another process."""
    assert [place(file) for file in FILES if names_used(file) & ENVIRONMENT] == ["eqkit/environment.py"]
