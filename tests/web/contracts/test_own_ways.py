"""``x-eqkit-answer``: an operation that is answered in a way of its own, most often by an overlay."""

import json
from pathlib import Path
from typing import Any

import pytest

from eqkit.errors import ContractError
from eqkit.web.contracts.application import contract_application
from eqkit.web.contracts.settings import ContractSettings
from tests.clients import Client

EXAMPLE = "of the example"
WAYS: dict[str, Any] = {"own": "generated", "other": "examples", "none": None}


def served(folder: Path, ways: dict[str, Any], answer: str = "examples", overlay: Any = None) -> Client:
    """Return a client of a server with an operation for each way."""
    content = {"application/json": {"schema": {"type": "string", "minLength": 9}, "example": EXAMPLE}}
    get: dict[str, Any] = {"responses": {"200": {"description": "Good.", "content": content}}}
    paths = {
        f"/{name}": {
            "get": {**get, "operationId": name} | ({"x-eqkit-answer": way} if way is not None else {})
        }
        for name, way in ways.items()
    }
    given: dict[str, str | list[str]] = {"answer": answer}
    file = folder / "openapi.json"
    file.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}))
    if overlay is not None:
        (folder / "overlay.json").write_text(json.dumps(overlay))
        given["overlay"] = [str(folder / "overlay.json")]
    return Client(
        contract_application(ContractSettings.read({"contract": str(file), **given}, environ={})), None
    )


@pytest.mark.parametrize(
    ("answer", "by_example"), [("examples", {"other", "none"}), ("generated", {"other"})]
)
def test_an_operation_goes_its_own_way_whichever_is_set_for_all(
    tmp_path: Path, answer: str, by_example: set[str]
) -> None:
    """An operation without one goes the way of all."""
    client = served(tmp_path, WAYS, answer)
    assert {name for name in WAYS if client.get(f"/{name}").json() == EXAMPLE} == by_example


def test_an_overlay_sets_the_way_of_one_operation(tmp_path: Path) -> None:
    """The contract is not touched, and a request may still ask for the other way."""
    action = {"target": "$.paths['/none'].get", "update": {"x-eqkit-answer": "generated"}}
    overlay = {"overlay": "1.0.0", "info": {"title": "O", "version": "1"}, "actions": [action]}
    client = served(tmp_path, {"none": None, "second": None}, overlay=overlay)
    assert client.get("/none").json() != EXAMPLE
    assert client.get("/none", headers={"Prefer": "dynamic=false"}).json() == EXAMPLE
    assert client.get("/second").json() == EXAMPLE


@pytest.mark.parametrize("way", ["example", "", 1, True, ["generated"], {}])
def test_a_way_that_there_is_not_is_one_line_with_its_place(tmp_path: Path, way: Any) -> None:
    """At the start, and not when the first request comes."""
    with pytest.raises(ContractError) as caught:
        served(tmp_path, {"own": way})
    line = str(caught.value)
    wanted = f'x-eqkit-answer of own must be "examples" or "generated", not {json.dumps(way)}'
    assert line.startswith(f"{tmp_path / 'openapi.json'}:1:")
    assert line.endswith(wanted)
    assert "\n" not in line
