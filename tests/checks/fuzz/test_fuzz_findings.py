"""A finding of fuzzing names its header or its place in the body, at the line that is violated."""

from typing import Any

import pytest

from eqkit.checks.fuzz import fuzzing
from eqkit.checks.fuzz.findings import Findings
from eqkit.contract.loading.source_map import ContractFile
from tests.checks.pets import PETS

JSON = {"content-type": "application/json"}
CAT = '{"id": 1, "kind": "cat", "name": "Tom", "lives": %s}'
FINDINGS = Findings(ContractFile.load(PETS))


def failure(check: str, message: str, path: str, body: str | None, **headers: str) -> dict[str, Any]:
    """Return a failure of a GET as Schemathesis stores it."""
    response = {"status_code": 200, "headers": {**JSON, **headers}, "body": body}
    return {
        "operation": f"GET {path}",
        "method": "GET",
        "path_template": path,
        "sequence": [
            {
                "method": "GET",
                "url": f"http://a.test{path}",
                "headers": {},
                "response": response if body is not None else None,
                "checks": [{"name": check, "status": "failure", "message": message}],
            }
        ],
    }


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (f"[{CAT % 'null'}]", 'at /0/lives: "lives" must be an integer, not null.'),
        (f"[{CAT % 9}, {CAT % 12}]", 'at /1/lives: "lives" must be at most 9, not 12.'),
    ],
)
def test_an_invalid_body_is_reported_with_its_place(body: str, detail: str) -> None:
    """Schemathesis says that null is not of type integer, and not where."""
    found = failure("response_schema_conformance", "Response violates schema\n\nnull is …", "/pets", body)
    finding = FINDINGS.of(found)
    assert finding.message == f"GET /pets: 200: {detail}"
    assert finding.rule == "fuzz-response-schema-conformance"
    assert finding.place is not None
    assert (finding.place.pointer or "").startswith(("/components/", "/paths/~1pets/get/responses"))


def test_a_missing_header_is_reported_by_its_name() -> None:
    """The name comes from our own validation, or from the list below Schemathesis's sentence."""
    sentence = "The following required headers are missing from the response:"
    found = failure("response_headers_conformance", f"Missing\n\n{sentence}\n- `X-Total`", "/pets", "[]")
    finding = FINDINGS.of(found)
    assert "x-total" in finding.message.lower()
    assert finding.place is not None
    assert "X-Total" in (finding.place.pointer or "")
    other = failure("response_headers_conformance", f"Missing\n{sentence}\n- `A`\n- `B`", "/nowhere", "[]")
    assert FINDINGS.of(other).message == f"GET /nowhere: 200: Missing: {sentence} `A`, `B`"


@pytest.mark.parametrize("check", ["response_schema_conformance", "not_a_server_error"])
def test_a_failure_without_an_answer_keeps_its_own_message(check: str) -> None:
    """The connection broke, or the check has no place within the answer."""
    finding = FINDINGS.of(failure(check, "It broke\n\nfor good", "/pets", None))
    assert finding.message == "GET /pets: no answer: It broke: for good"
    assert finding.place is not None
    assert finding.place.pointer == "/paths/~1pets/get"


def report(tested: int, selected: int, **more: Any) -> dict[str, Any]:
    """Return the report that Schemathesis writes of a run without failures."""
    operations = {"tested": tested, "selected": selected}
    return {"operations": operations, "errors": [], "failures": [], **more}


@pytest.mark.parametrize(
    ("messages", "gap"),
    [
        (report(4, 4), None),
        (report(3, 4), "only 3 of 4 operations were tested"),
        (report(0, 4), "only 0 of 4 operations were tested"),
        (
            report(4, 4, errors=[{"title": "Bad schema", "count": 2}]),
            "not all could be tested: Bad schema (2)",
        ),
        (report(4, 4, failures=[{}]), "Schemathesis tells of failures and has stored none of them"),
    ],
)
def test_a_run_that_has_left_something_out_has_a_gap(messages: dict[str, Any], gap: str | None) -> None:
    """Nothing was found, and so nothing must be left out for that to mean anything."""
    assert fuzzing._gap(messages) == gap
