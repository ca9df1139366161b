"""The shipped files: the explicit package list, the wheel made from it, and the lock beside it."""

import itertools
import re
import tomllib
import zipfile
from importlib import metadata
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import eqkit
from tests.project.wheels import MAPPED, ROOT, build

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS: dict[str, Any] = PYPROJECT["tool"]["setuptools"]


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a wheel."""
    with zipfile.ZipFile(build(tmp_path_factory.mktemp("source"))) as archive:
        return archive.namelist()


def packages_in_the_tree() -> set[str]:
    """Every folder with Python in it that stands for a package, by its dotted name."""
    found = {".".join(file.parent.relative_to(ROOT).parts) for file in (ROOT / "eqkit").rglob("*.py")}
    return found | {package for package, folder in MAPPED.items() if any((ROOT / folder).glob("*.py"))}


def locked_versions() -> dict[str, str]:
    """The version that the lock pins for each canonical name."""
    lock = (ROOT / "requirements.lock").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", lock, re.MULTILINE))


def direct_requirements() -> list[Requirement]:
    """Every requirement that pyproject.toml states, of the server and of all extras."""
    project = PYPROJECT["project"]
    texts = itertools.chain(project["dependencies"], *project["optional-dependencies"].values())
    return [requirement for requirement in map(Requirement, texts) if requirement.name != "eqkit"]


def test_the_package_list_names_every_package_of_the_tree() -> None:
    """A subpackage that the explicit list forgets would vanish from the wheel without a word."""
    assert set(SETUPTOOLS["packages"]) == packages_in_the_tree()
    assert SETUPTOOLS["package-dir"] == {"eqkit": "eqkit"} | MAPPED


def test_the_wheel_holds_one_top_level_name(wheel_names: list[str]) -> None:
    """An SDK team's own `handlers/`, `mocks/` and `tests/` are safe beside ours."""
    tops = {name.split("/")[0] for name in wheel_names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"eqkit"}


def test_the_wheel_holds_every_module_and_every_document(wheel_names: list[str]) -> None:
    """Each file that the source tree has for the server is in the wheel, at its mapped place."""
    expected = {str(file.relative_to(ROOT)) for file in (ROOT / "eqkit").rglob("*.py")}
    for package, folder in MAPPED.items():
        files = [*(ROOT / folder).glob("*.py"), *(ROOT / folder).glob("*.yaml")]
        files += (ROOT / folder).glob("packs/*.yaml")
        place = package.replace(".", "/")
        expected |= {f"{place}/{file.relative_to(ROOT / folder)}" for file in files}
    assert {"eqkit/openapi/elasticqueue.yaml", "eqkit/mocks/packs/slow-start.yaml"} <= expected
    assert expected | {"eqkit/py.typed"} == {name for name in wheel_names if ".dist-info/" not in name}


def test_the_installed_version_is_the_one_the_package_states() -> None:
    """pyproject.toml takes the version from `eqkit.__version__`, and the installation is not stale."""
    assert PYPROJECT["project"]["dynamic"] == ["version"]
    assert SETUPTOOLS["dynamic"]["version"] == {"attr": "eqkit.__version__"}
    assert metadata.version("eqkit") == eqkit.__version__


@pytest.mark.parametrize("requirement", direct_requirements(), ids=lambda requirement: requirement.name)
def test_the_lock_pins_a_direct_requirement_within_its_bounds(requirement: Requirement) -> None:
    """Set-up installs from the lock alone, so each requirement must be met by it."""
    assert requirement.specifier.contains(locked_versions()[canonicalize_name(requirement.name)])


def test_the_lock_names_no_index_and_no_place_of_the_machine_that_made_it() -> None:
    """Each user of the lock has an index of their own."""
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"^\s*--(?!hash=)|://|^/|\s@\s", lock, re.MULTILINE)
