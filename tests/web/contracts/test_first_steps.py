"""The first lines that somebody with a contract of their own sees."""

from pathlib import Path
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.web.contracts.application import contract_application
from eqkit.web.contracts.service import ContractService
from eqkit.web.contracts.settings import ContractSettings
from tests.clients import Client

OK: Any = {"responses": {"200": {"description": "ok"}}}


@pytest.mark.parametrize(
    ("scheme", "shown"),
    [
        ({"type": "http", "scheme": "bearer"}, " -H 'Authorization: Bearer test_me'"),
        ({"type": "http", "scheme": "basic"}, " -u test_me:"),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, " -H 'X-Key: test_me'"),
    ],
    ids=["bearer", "basic", "header"],
)
def test_the_curl_line_has_the_credentials_as_people_write_them(scheme: Any, shown: str) -> None:
    """Basic ones in curl's own option: nobody reads base64."""
    data = {
        "openapi": "3.1.0",
        "info": {"title": "Books", "version": "1"},
        "paths": {"/books": {"get": OK | {"security": [{"it": []}]}}},
        "components": {"securitySchemes": {"it": scheme}},
    }
    service = ContractService(Contract(Document(data)), "Books")
    line = service.example_request("http://127.0.0.1:8080", service.sample_key)
    assert line == f"curl -i http://127.0.0.1:8080/books{shown}"


def test_a_misspelt_path_names_each_near_one_once(tmp_path: Path) -> None:
    """A path with several operations stands in the contract once."""
    contract = tmp_path / "books.yaml"
    contract.write_text(
        "openapi: 3.1.0\ninfo: {title: Books, version: '1'}\npaths:\n  /books:\n"
        + "".join(f"    {method}: {OK}\n" for method in ("get", "post", "delete"))
    )
    client = Client(contract_application(ContractSettings(contract=str(contract))), None)
    detail = client.get("/book").json()["detail"]
    assert detail.endswith("did you mean /books?")
