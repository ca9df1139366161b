"""Every operation of a contract is answered rightly, by examples and by generated values.

The contracts are some of our own, and those in the folder that EQKIT_TEST_DOCUMENTS names.
"""

import json
import os
from pathlib import Path

import httpx
import pytest

from eqkit.contract.loading.source_map import installed
from eqkit.contract.messages.violations import Level
from tests.processes import running
from tests.web.contracts.sweeping import WAYS, Received, Sweep
from tests.web.contracts.valid_requests import ValidRequests

PUBLISHED = Path(os.environ.get("EQKIT_TEST_DOCUMENTS", os.devnull))
"""A folder of documents, such as companies publish: more and larger ones than a project can keep."""

OURS = [
    *sorted((Path(__file__).parent / "documents").glob("*.yaml")),
    installed("elasticqueue.yaml"),
    installed("mock.yaml"),
]
THEIRS = sorted(file for file in PUBLISHED.glob("*.*") if file.suffix in (".json", ".yaml", ".yml"))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("file", [*OURS, *THEIRS], ids=lambda file: file.name)
def test_every_operation_is_answered_validly(file: Path) -> None:
    """A valid request has a valid answer, in each documented status, and a broken one a valid error.

    A published document may rule out every request to an operation, by contradictions of its own.
    """
    report = Sweep(file).run()
    counts = report.counts
    assert report.wrong == []
    assert len(report.unmade) * 100 <= (counts["operations"] if file in THEIRS else 0), report.unmade
    assert counts["operations"]
    assert counts["requests"] == counts["operations"] - len(report.unmade)
    assert file in THEIRS or report.ruled_out == []
    answered = dict.fromkeys(WAYS, counts["requests"]) | {"statuses": counts["wanted statuses"]}
    assert sum(answered.values()) - sum(counts[each] for each in answered) <= len(report.ruled_out)
    assert counts["broken"]


@pytest.mark.parametrize("way", WAYS)
def test_answers_are_the_same_over_a_socket(way: str, tmp_path: Path) -> None:
    """The answers of a server are as valid as those of the application in this process."""
    file = Path(__file__).parent / "documents" / "styles.yaml"
    sweep = Sweep(file)
    requests = ValidRequests(sweep.contract)
    wrong = []
    with running(tmp_path, str(file), "--answer", way) as server, httpx.Client(base_url=server.url) as client:
        for operation in sweep.operations:
            sent = requests.of(operation)
            target = sent.path + (f"?{sent.query}" if sent.query else "")
            headers = [(name.encode(), value.encode("latin-1")) for name, value in sent.request_headers]
            got = client.request(sent.method, target, headers=headers, content=sent.request_body)
            answer = Received(sent.method, got.status_code, tuple(got.headers.items()), got.content)
            violations = requests.compiled.operation(operation.pointer).response_violations(answer)
            if got.status_code >= 300 or any(each.level is Level.MUST for each in violations):
                wrong.append(f"{sent}\n    {answer}")
        log = server.log()
    assert wrong == []
    assert "Traceback" not in log


def test_generated_answers_follow_from_the_request(tmp_path: Path) -> None:
    """Another request has another answer, and the same one the same in any process."""
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "format": "uuid"}}}
    answers = {"200": {"description": "Good.", "content": {"application/json": {"schema": schema}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": answers}}, "/b": {"get": {"responses": answers}}},
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps(document))
    bodies: list[list[bytes]] = []
    for _ in range(2):
        with running(tmp_path, str(file), "--answer", "generated") as server:
            bodies.append([httpx.get(f"{server.url}/{path}").content for path in "aab"])
    first, again, other = bodies[0]
    assert first == again != other
    assert bodies[0] == bodies[1]
