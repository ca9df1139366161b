"""Contracts and the projects that are scaffolded from them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from eqkit.contract.document import Document, Json
from eqkit.contract.operations import Contract
from eqkit.scaffolding.scaffold import Plan, Scaffold
from tests.processes import PATIENCE_S

PET: Json = {
    "type": "object",
    "required": ["name"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}},
}


def operation(name: str | None = None, *, tags: Any = ("pets",), **members: Json) -> dict[str, Json]:
    """Return an operation that answers a pet."""
    named = {} if name is None else {"operationId": name}
    responses = {"200": {"description": "A pet.", "content": {"application/json": {"schema": PET}}}}
    return {**named, "tags": list(tags), "responses": responses, **members}


def parameter(name: str, place: str = "query", schema: Json = True, **members: Json) -> dict[str, Json]:
    """Return a parameter."""
    return {"name": name, "in": place, "required": place == "path", "schema": schema, **members}


PETS: dict[str, Json] = {
    "/pets": {"get": operation("listPets", parameters=[parameter("limit", schema={"type": "integer"})])},
    "/pets/{id}": {"get": operation("getPet", parameters=[parameter("id", "path", {"type": "integer"})])},
}
GROWN: dict[str, Json] = {
    "/pets": {
        **PETS["/pets"],
        "post": operation(
            "addPet", requestBody={"content": {"application/json": {"schema": {"enum": ["a"]}}}}
        ),
    },
    "/pets/{id}": {"get": operation("getPet", parameters=[parameter("id", "path"), parameter("colour")])},
    "/shops": {"get": operation("listShops", tags=["shops"])},
}


def document(paths: dict[str, Json], **members: Json) -> dict[str, Json]:
    """Return a contract with some paths."""
    return {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": paths, **members}


def plan_of(data: dict[str, Json], into: Path, where: str = "openapi.json") -> Plan:
    """Return the plan of a project for a contract."""
    contract = Contract(Document(data))
    return Scaffold(contract, "Pets", where, into, is_address="://" in where).plan()


def scaffold(data: dict[str, Json], into: Path) -> Plan:
    """Write a contract and its project into a folder, and return the plan that was carried out."""
    into.mkdir(parents=True, exist_ok=True)
    (into / "openapi.json").write_text(json.dumps(data))
    plan = plan_of(data, into, str(into / "openapi.json"))
    plan.write()
    return plan


def run_tests(into: Path) -> tuple[int, str]:
    """Run the tests of a project by themselves, and return the exit code and the output."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(
        command, cwd=into, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        env=without_plugins(),
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def without_plugins() -> dict[str, str]:
    """Return an environment in which pytest loads no plugin and Python writes no cache."""
    return {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def texts(folder: Path) -> dict[str, str]:
    """Return the texts of a project by their paths."""
    return {
        each.relative_to(folder).as_posix(): each.read_text() for each in folder.rglob("*") if each.is_file()
    }
