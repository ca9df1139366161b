"""Text of a contract, a server or a recording stands in code and shell lines as a literal alone."""

import ast
import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from eqkit.checks.fuzz.requests import curl_of
from eqkit.checks.fuzz.written_tests import pytest_file
from eqkit.contract.document import Document
from eqkit.traffic.curl import curl_line
from eqkit.traffic.exchanges import RecordedExchange

HOSTILE = (
    "a\n    open('ran', 'w')\n    #",
    "a'''\"\"\"\nopen('ran')\n",
    "a\\' + open('ran') + \\'",
    "a\r\n\x0copen('ran')",
    "a\u2028open('ran')\u202e",
    "a'; touch ran; $(touch ran) `touch ran` \\",
    "[Filtered]'; touch ran #\x01",
    "a\n[Filtered]\\'; touch ran #",
    "@ran!x",
)
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "response_headers_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "something_else",
)


def failure(text: str, check: str) -> dict[str, Any]:
    """Return a failure with a text from outside in each place that can have one."""
    path = f"/{text}"
    step = {
        "method": "POST",
        "url": f"http://a.test/b/{text}?x={text}",
        "headers": {"X-A": text, text: "1", "Authorization": "[Filtered]"},
        "case_body": {"encoding": "json", "value": {text: text}},
        "media_type": "application/json",
        "operation": f"POST {path}",
        "response": {"status_code": 200, "headers": {"content-type": text}, "body": text},
        "checks": [{"name": check, "status": "failure", "message": text}],
    }
    return {
        "operation": f"POST {path}",
        "method": "POST",
        "path_template": path,
        "fingerprint": "1f",
        "sequence": [step, step],
    }


def document(text: str) -> Document:
    """Return a contract with a text in each place that generated code may quote."""
    schema = {"type": "object", "required": [text], "properties": {text: {"enum": [text]}}, "title": text}
    answer = {
        "description": text,
        "headers": {text: {"required": True, "schema": {}}},
        "content": {text: {"schema": schema}},
    }
    operation = {"operationId": text, "responses": {"200": answer}}
    scheme = {"type": "apiKey", "in": "header", "name": "Authorization"}
    return Document(
        {
            "openapi": "3.0.3",
            "security": [{"Key": []}],
            "paths": {f"/{text}": {"post": operation}},
            "components": {"securitySchemes": {"Key": scheme}},
        }
    )


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("text", HOSTILE)
def test_written_tests_hold_outside_texts_as_literals(text: str, check: str) -> None:
    """The file parses, and its names are those of a file for a harmless text."""

    def names(*said: str) -> set[str]:
        texts = (
            pytest_file(document(each), f"http://a.test/{each}", [failure(each, check)] * 2) for each in said
        )
        found = [node for text in texts for node in ast.walk(ast.parse(text))]
        calls = {node.id for node in found if isinstance(node, ast.Name)}
        calls |= {f".{node.attr}" for node in found if isinstance(node, ast.Attribute)}
        return calls | {node.name for node in found if isinstance(node, ast.FunctionDef | ast.ClassDef)}

    harmless = names("ran", "[Filtered]ran")
    assert {name for name in names(text) - harmless if not name.startswith(("test_1_", "test_2_"))} == set()


def run_as_bash(line: str, folder: Path) -> list[list[str]]:
    """Run lines with a curl that prints its arguments, and return them."""
    script = 'curl() { printf "%s\\0" "$@" $\'\\n\'; }\n' + line
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={"EQKIT_CLIENT_KEY": "s3cret"},
        capture_output=True,
        check=True,
    )
    assert list(folder.iterdir()) == [], "the line ran something"
    calls = done.stdout.decode("utf-8", "surrogateescape").split("\0\n\0")[:-1]
    return [call.split("\0") for call in calls]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_curl_line_of_fuzzing_runs_curl_alone(text: str, tmp_path: Path) -> None:
    """Each word reaches curl as it was, with the key where Schemathesis has left it out."""
    line = curl_of(document(text), failure(text, CHECKS[0])["sequence"][0])
    ((_, *words),) = run_as_bash(line, tmp_path)
    assert "Authorization: s3cret" in words
    assert json.loads(words[-1]) == {text: text}
    assert all(word.isprintable() for word in shlex.split(line) if not word.startswith("$"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_curl_line_of_a_recording_runs_curl_alone(text: str, tmp_path: Path) -> None:
    """Method, address, headers and body are literals, with any text in them."""
    headers = (("Accept", text), ("Prefer", text), (text, "1"))
    body = text.encode("utf-8", "surrogatepass")
    asked = RecordedExchange("one", f"GET{text}", f"http://a.test/{text}?q={text}", headers, body, 200)
    ((_, *words),) = run_as_bash(curl_line(asked, document(text)), tmp_path)
    assert words[-1].encode("utf-8", "surrogateescape") == body
    assert "Authorization: s3cret" in words
