"""Webhooks of OpenAPI 3.1 in recorded traffic: requests of the service, and answers of their receivers."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eqkit.cli.checks import load_command

CONTRACT = """
openapi: 3.1.0
info: {title: Hooks, version: '1'}
webhooks:
  added:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [id], properties: {id: {type: integer, readOnly: true}}}
      responses: {'204': {description: taken}}
"""
AT = ("--receiver", "http://receiver.test/hooks")


def run(check: str, folder: Path, body: Any, status: int, *arguments: str) -> Result:
    """Check one request to a receiver."""
    (folder / "api.yaml").write_text(CONTRACT)
    posted = {"mimeType": "application/json", "text": json.dumps(body)}
    request = {
        "method": "POST", "url": "http://receiver.test/hooks/1", "postData": posted,
        "headers": [{"name": "Content-Type", "value": "application/json"}],
    }  # fmt: skip
    response = {"status": status, "headers": [], "content": {"size": 0, "text": ""}}
    (folder / "t.jsonl").write_text(json.dumps({"request": request, "response": response}))
    given = [folder / "t.jsonl", "--contract", folder / "api.yaml", *arguments]
    return CliRunner().invoke(load_command(check), [str(each) for each in given])


def test_a_webhook_is_checked_like_any_request(tmp_path: Path) -> None:
    """`readOnly` members are its sender's, which is the service."""
    result = run("replay", tmp_path, {"id": 1}, 204, *AT)
    assert result.exit_code == 0, result.output
    assert "replay: passed; 1 tested, nothing found" in result.output


@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        ({}, 204, 1, 'error: t.jsonl:1 POST /hooks/1: the document: The member "id" is missing.'),
        ({"id": 1}, 500, 0, "warning: t.jsonl:1 POST /hooks/1: answered 500, and POST added has only 204"),
    ],
)  # fmt: skip
def test_a_wrong_request_of_the_service_is_an_error(
    body: Any, status: int, code: int, message: str, tmp_path: Path
) -> None:
    """A wrong answer of the receiver is a warning, as the receiver is no part of the service."""
    result = run("replay", tmp_path, body, status, *AT)
    assert result.exit_code == code, result.output
    assert message.replace("t.jsonl:1", "t.jsonl#1") in result.output


def test_a_webhook_is_covered_by_the_answer_of_its_receiver(tmp_path: Path) -> None:
    """It is covered as a callback is; without the address of a receiver, no request counts as a webhook."""
    result = run("coverage", tmp_path, {"id": 1}, 204, *AT)
    assert "callbacks    1     1   100.0 %" in result.output
    assert run("replay", tmp_path, {"id": 1}, 204).exit_code == 2
