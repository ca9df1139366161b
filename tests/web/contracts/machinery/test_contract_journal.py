"""The journal of any contract: paths as they were sent, and whose fault each violation is."""

import json
from pathlib import Path
from typing import Any

import pytest

from eqkit.web.contracts.application import contract_application
from eqkit.web.contracts.settings import ContractSettings
from tests.clients import KEY, Client

IMPOSSIBLE = {"type": "string", "minLength": 2, "maxLength": 1}
CONTRACT: Any = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "getPet",
                "parameters": [
                    {"name": f"p{number}", "in": "query", "schema": {"type": "integer"}}
                    for number in range(20)
                ],
                "responses": {"200": {"description": "ok"}},
            },
        },
        "/none": {
            "get": {
                "responses": {
                    "200": {"description": "x", "content": {"application/json": {"schema": IMPOSSIBLE}}}
                }
            }
        },
    },
}


class LocalClient(Client):
    """Asks the control plane, too, which is for this machine."""

    base_url = "http://127.0.0.1:8080"

    def entry(self, path: str = "") -> Any:
        """Return the one entry of the journal, or of another form of it."""
        answer = self.get(f"/_mock/journal{path}", headers={"Eqkit-Sandbox": KEY}).json()
        (entry,) = answer["log"]["entries"] if path else answer["entries"]
        return entry


def client(folder: Path, validation: str = "strict") -> LocalClient:
    """Return a client of a server of the contract."""
    (folder / "pets.json").write_text(json.dumps(CONTRACT, indent=1))
    return LocalClient(
        contract_application(ContractSettings(contract=str(folder / "pets.json"), validation=validation))
    )


@pytest.mark.parametrize(
    ("sent", "shown", "archived"),
    [
        ("/pets/a%2Fb", "/pets/a%2Fb", "/pets/a%2Fb"),
        ("/pets/a%252Fb", "/pets/a%252Fb", "/pets/a%252Fb"),
        ("/pets/50%25%20off", "/pets/50%25 off", "/pets/50%25%20off"),
        ("/pets/caf%C3%A9", "/pets/café", "/pets/caf%C3%A9"),
        ("/pets/a:b,c", "/pets/a:b,c", "/pets/a:b,c"),
        ("/pets/a%3Fb%23c", "/pets/a?b#c", "/pets/a%3Fb%23c"),
    ],
)
def test_a_path_is_the_same_path_in_the_archive(tmp_path: Path, sent: str, shown: str, archived: str) -> None:
    """RFC 3986 2.2: a slash that is encoded ends no segment, so it stays so."""
    mock = client(tmp_path)
    mock.get(sent)
    entry = mock.entry()
    assert (entry["path"], entry["operation"]) == (shown, "getPet")
    assert mock.entry("/har")["request"]["url"] == f"{mock.base_url}{archived}"


@pytest.mark.parametrize("validation", ["strict", "report"])
def test_the_journal_says_that_the_request_is_wrong(tmp_path: Path, validation: str) -> None:
    """In one sentence with the line of the contract, ten at most."""
    mock = client(tmp_path, validation)
    mock.get("/pets/1?" + "&".join(f"p{number}=x" for number in range(20)))
    violations = mock.entry()["violations"]
    assert len(violations) == 10
    assert all(each.startswith("the request: ") for each in violations)
    assert all("pets.json:" in each for each in violations)


def test_the_journal_says_that_the_document_is_wrong(tmp_path: Path) -> None:
    """No answer can be valid by an impossible schema, which is nobody's fault but the document's."""
    mock = client(tmp_path)
    assert mock.get("/none").status_code == 501
    (violation,) = mock.entry()["violations"]
    assert violation.startswith("the document: No valid answer of 200 can be made")
    assert "pets.json:" in violation
