"""The image: the steps of the Containerfile, carried out without an engine, and the server that they make."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import pytest
import yaml

from tests.resolve.resolver import ROOT

TARGET = "/opt/eqkit"
PATIENCE_S = 300
MADE_AGAIN = shutil.ignore_patterns("__pycache__", "node_modules", "*.pyc")


class Step(NamedTuple):
    """One instruction of a Containerfile, and its arguments."""

    instruction: str
    text: str


class Image(NamedTuple):
    """The result of the steps: the root of its files, and the last stage, which says how it runs."""

    root: Path
    last: list[Step]


def stages() -> list[list[Step]]:
    """The stages of the Containerfile, each from its FROM on."""
    text = (ROOT / "Containerfile").read_text().replace("\\\n", " ")
    found: list[list[Step]] = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            step = Step(*line.split(maxsplit=1))
            if step.instruction == "FROM":
                found.append([])
            found[-1].append(step)
    return found


def context(folder: Path) -> Path:
    """Return a copy of the checkout without the files of .dockerignore, as an engine would get it."""
    first, *spared = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert first == "*"
    for pattern in spared:
        sources = list(ROOT.glob(pattern.removeprefix("!")))
        assert sources, f"{pattern} leaves nothing"
        for source in sources:
            copy = folder / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy, ignore=MADE_AGAIN)
            else:
                shutil.copy(source, copy)
    return folder


def only(stage: list[Step], instruction: str) -> str:
    """The arguments of the one step of its kind in a stage."""
    (step,) = [each for each in stage if each.instruction == instruction]
    return step.text


def locked() -> dict[str, str]:
    """The release that the lock has of each package."""
    text = (ROOT / "requirements.lock").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", text, re.MULTILINE))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Run each RUN of the first stage where `COPY . .` has put the context; `/` is a folder of its own."""
    root = tmp_path_factory.mktemp("image")
    build, last = stages()
    source = context(root / "src")
    # The `python` of the base image is that of this suite.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for step in build:
        if step.instruction == "RUN":
            command = step.text.replace(TARGET, f"{root}{TARGET}")
            done = subprocess.run(
                ["sh", "-ec", command],
                cwd=source,
                env=os.environ | {"PATH": path},
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
            assert done.returncode == 0, f"{step.text}\n{done.stdout}{done.stderr}"
    return Image(root, last)


def test_the_stages_fit_together() -> None:
    """An environment runs with the Python that made it, where that is, and in nobody's rights."""
    build, last = stages()
    assert only(build, "FROM") == f"{only(last, 'FROM')} AS build"
    assert only(build, "COPY") == ". ."
    assert only(last, "COPY") == f"--from=build {TARGET} {TARGET}"
    user, group = only(last, "USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert {step.instruction for step in [*build, *last]} <= {
        "FROM", "WORKDIR", "COPY", "RUN", "ENV", "EXPOSE", "USER", "ENTRYPOINT",
    }  # fmt: skip


def test_the_image_has_the_releases_of_the_lock(image: Image) -> None:
    """It has the server's packages alone, and none of the checks' or of the suite's."""
    python = f"{image.root}{TARGET}/bin/python"
    command = [python, "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    releases = dict(line.lower().replace("_", "-").split("==") for line in shown.splitlines())
    assert {"eqkit", "connexion", "starlette", "httptools", "uvloop"} <= set(releases)
    assert not {"schemathesis", "pytest", "mypy"} & set(releases)
    ours = {name: release for name, release in releases.items() if name not in ("eqkit", "pip", "setuptools")}
    assert ours == {name: locked().get(name) for name in ours}


def test_every_module_of_the_image_is_compiled(image: Image) -> None:
    """The server may write no bytecode there, so each start would compile the left-out modules again."""
    packages = next(Path(f"{image.root}{TARGET}/lib").glob("python3.*/site-packages"))
    needed = [*packages.glob("eqkit/**/*.py"), *packages.glob("connexion/**/*.py")]
    assert len(needed) > 100
    assert [file for file in needed if not Path(cache_from_source(str(file))).exists()] == []


def test_the_server_of_the_image_answers(image: Image) -> None:
    """The entry point and the variables of the last stage start it, on a port that is free here."""
    words: list[str] = yaml.safe_load(only(image.last, "ENTRYPOINT"))
    command = [words[0].replace(TARGET, f"{image.root}{TARGET}"), *words[1:], "--port", "0"]
    variables = dict(pair.split("=") for pair in only(image.last, "ENV").split())
    assert variables["PYTHONDONTWRITEBYTECODE"] == "1"
    process = subprocess.Popen(
        command, cwd="/", env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        first_line = process.stdout.readline()
        address = re.search(r"http://[^\s/]+:(\d+)", first_line)
        assert address is not None, first_line
        with urlopen(f"http://127.0.0.1:{address.group(1)}/health", timeout=PATIENCE_S) as response:
            assert response.status == 200
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert only(image.last, "EXPOSE") == "8080"
