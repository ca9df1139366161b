"""Docs, requirements, contract and server are held against each other; findings have their lines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eqkit.checks.findings import Finding, Severity
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.source_map import installed
from eqkit.elasticqueue.trace.requirements import Traceability
from eqkit.elasticqueue.trace.server import check_server
from eqkit.elasticqueue.trace.slate import SlateFile
from eqkit.elasticqueue.trace.tracing import trace
from eqkit.errors import ContractError
from eqkit.exit_codes import ExitCode
from tests.elasticqueue.trace.parcels import CONTRACT, P1, P2, Project, project
from tests.elasticqueue.trace.service_docs import SERVICE_DOCS
from tests.processes import running


def errors(files: Project) -> list[Finding]:
    """Everything that is wrong with a project."""
    run = trace(files.contract, files.requirements, files.docs)
    return [finding for finding in run.findings if finding.severity is Severity.ERROR]


def line_of(file: Path, marker: str) -> int:
    """The line of a file on which a text stands, which has to be one."""
    lines = [number for number, line in enumerate(file.read_text().splitlines(), 1) if marker in line]
    (line,) = lines
    return line


def test_a_project_that_agrees_is_kept_and_its_contradictions_are_noted(tmp_path: Path) -> None:
    """A settled contradiction is no error; a note reports it with its decision."""
    files = project(tmp_path)
    run = trace(files.contract, files.requirements, files.docs)
    assert errors(files) == []
    assert run.outcome is ExitCode.PASSED
    (note,) = (finding for finding in run.findings if finding.rule == "docs-status-reason")
    assert note.place == Place(files.docs, 31)
    assert note.advice == f"settled: {P2}, Not ours to say."


CASES = {
    "the docs state more": (
        "docs", "cannot be called back.", "cannot be called back. It is lost.",
        ["trace-untraced"], "docs", "It is lost",
    ),
    "the docs state something else": (
        "docs", "| How many kittens", "| How many cats",
        ["trace-misquoted"], "requirements", "fact: parcels/send-a-parcel#table/weight/Description",
    ),
    "a requirement on nothing": (
        "requirements", "fact: front/title", "fact: front/name",
        ["trace-untraced", "trace-no-such-fact"], "docs", "title: Parcels",
    ),
    "a requirement made twice": (
        "requirements", "fact: front/language_tabs/1", "fact: front/language_tabs/0",
        ["trace-untraced", "trace-misquoted", "trace-moved", "trace-duplicate"], "docs", "- shell",
    ),
    "a requirement with another value": (
        "requirements", "says: s3cret", "says: secret",
        ["trace-misquoted"], "requirements", "fact: parcels/send-a-parcel#request/headers/X-Api-Key",
    ),
    "a requirement with a value of another type": (
        "requirements", "says: 1\n", "says: true\n",
        ["trace-misquoted"], "requirements", "fact: parcels/send-many-parcels#request/body/0/weight",
    ),
    "a requirement with another line": (
        "requirements", "line: 54", "line: 55",
        ["trace-moved"], "requirements", "fact: authentication#empty",
    ),
    "the contract says something else": (
        "contract", "type: integer", "type: number",
        ["trace-contract"], "contract", "type: number",
    ),
    "the contract has lost something": (
        "contract", "      summary: Send a parcel\n", "",
        ["trace-contract"], "contract", "    post:",
    ),
    "the contract has what should be absent": (
        "contract", "      responses:\n", "      responses:\n        '204': {description: It is sent.}\n",
        ["trace-contract", "trace-unaccounted"], "contract", "'204'",
    ),
    "a correction without a decision": (
        "requirements", f"  decision: {P2}\n", "",
        ["trace-undecided", "trace-unruled", "trace-uncorrected", "docs-body-forbidden"],
        "requirements", "fact: parcels/send-a-parcel#response/status",
    ),
    "a decision without a record": (
        "requirements", P2, "docs/adr/0001-parcels.md#p3",
        ["trace-no-such-decision", "trace-unruled", "trace-uncorrected"],
        "requirements", "fact: parcels/send-a-parcel#response/status",
    ),
    "a decision that only the neighbour of what was corrected cites": (
        "requirements", P2, P1,
        ["trace-uncorrected"], "contract", "    Sent:",
    ),
    "a correction that has become a requirement to keep": (
        "requirements", "disposition: corrected", "disposition: kept",
        ["trace-uncorrected", "docs-body-forbidden"], "contract", "    Sent:",
    ),
    "a rejection without a reason": (
        "requirements", "says: shell\n  disposition: rejected\n  note: Not ours to say.\n",
        "says: shell\n  disposition: rejected\n",
        ["trace-undecided"], "requirements", "fact: front/language_tabs/1",
    ),
    "a requirement that asserts nothing": (
        "requirements", "says: shell\n  disposition: rejected", "says: shell\n  disposition: kept",
        ["trace-empty-requirement"], "requirements", "fact: front/language_tabs/1",
    ),
    "an operation from nowhere": (
        "contract", "components:\n", "  /v2: {get: {operationId: readParcel}}\ncomponents:\n",
        ["trace-unaccounted"], "contract", "readParcel",
    ),
    "a field from nowhere": (
        "contract", "        weight:\n", "        height: {type: integer}\n        weight:\n",
        ["trace-unaccounted"], "contract", "height",
    ),
    "a documented part that no requirement leads to": (
        "contract", "          x-origin: implied", "          x-origin: documented",
        ["trace-undocumented"], "contract", "colour:",
    ),
    "a corrected part that no requirement corrects": (
        "contract", "      x-origin: documented\n      x-ruling: [P1]\n      properties",
        "      x-origin: corrected\n      x-ruling: [P1]\n      properties",
        ["trace-uncorrected"], "contract", "    Parcel:",
    ),
    "an implied part that stands in the docs": (
        "contract", "          type: integer\n          x-origin: documented",
        "          type: integer\n          x-origin: implied",
        ["trace-origin"], "contract", "        weight:",
    ),
    "an origin that there is not": (
        "contract", "          x-origin: implied", "          x-origin: invented",
        ["trace-origin"], "contract", "colour:",
    ),
    "a ruling that there is not": (
        "contract", "          x-origin: implied\n          x-ruling: [P1]",
        "          x-origin: implied\n          x-ruling: [P9]",
        ["trace-no-such-decision"], "contract", "colour:",
    ),
    "a listed origin of nothing": (
        "requirements", "- at: /components/examples/*", "- at: /components/links/*",
        ["trace-unaccounted", "trace-origin-unused"], "contract", "heavy",
    ),
}  # fmt: skip
"""The changed file and the change, the rules that this breaks, and the place of the first finding."""


@pytest.mark.parametrize(("changed", "old", "new", "rules", "message", "marker"), CASES.values(), ids=CASES)
def test_each_break_is_found_by_its_rule_and_reported_at_its_line(
    tmp_path: Path, changed: str, old: str, new: str, rules: list[str], message: str, marker: str
) -> None:
    """A change of docs, requirements or contract is reported under its rule, and nothing else is."""
    files = project(tmp_path)
    file = getattr(files, changed)
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    found = errors(files)
    assert sorted({finding.rule for finding in found}) == sorted(rules)
    place = next(finding.place for finding in found if finding.rule == rules[0])
    assert place is not None
    where = getattr(files, message)
    assert (place.file, place.line) == (where, line_of(where, marker))


def test_a_contradiction_whose_facts_are_all_kept_is_an_error(tmp_path: Path) -> None:
    """Docs that contradict themselves cannot be kept: somebody has to decide."""
    files = project(tmp_path)
    text = files.requirements.read_text()
    for fact in ("#table/pickup/Description", "#request/body/pickup"):
        head, tail = text.split(fact, 1)
        kept = f"disposition: kept\n  contract: {{/components/schemas/Parcel/type: object}}\n  decision: {P1}"
        text = head + fact + tail.replace("disposition: rejected\n  note: Not ours to say.", kept, 1)
    files.requirements.write_text(text)
    assert [(each.rule, each.place) for each in errors(files)] == [("docs-unit", Place(files.docs, 20))]


def test_without_docs_only_the_contract_is_validated_and_a_note_says_so(tmp_path: Path) -> None:
    """Half a proof is not passed off as a whole one."""
    files = project(tmp_path)
    run = trace(files.contract, files.requirements)
    assert [(each.rule, each.severity) for each in run.findings] == [("trace-no-docs", Severity.NOTE)]
    files.contract.write_text(CONTRACT.replace("type: integer", "type: number"))
    assert trace(files.contract, files.requirements).outcome is ExitCode.FAILED


@pytest.mark.parametrize("docs", [None, *SERVICE_DOCS])
def test_our_contract_is_traced_whole(docs: Path | None) -> None:
    """Every fact of the docs is traced, every requirement holds, every leaf of the contract has an origin."""
    run = trace(docs=docs)
    assert [finding for finding in run.findings if finding.severity is not Severity.NOTE] == []
    assert run.outcome is ExitCode.PASSED


DOCS_OF_OURS = """\
# Messages

```http
POST /v1/queues/parcels/messages HTTP/1.1
Content-Type: application/vnd.api+json
Authorization: test_trace

{"data": {"type": "message", "attributes": {"body": "hello"}}}
```

```http
HTTP/1.1 202 Accepted
```
"""


def requirements_on_the_server(folder: Path, server: str) -> Traceability:
    """Return a file with one requirement on the answer of the server."""
    file = folder / "traceability.yaml"
    file.write_text(
        "requirements: [{fact: 'messages#response/status', says: 202, line: 12,"
        " disposition: kept, contract: {},"
        f" server: {server}}}]"
    )
    return Traceability.load(file)


@pytest.mark.parametrize(
    ("server", "findings"),
    [
        ("{headers/Server: null}", []),
        ("{status: 204}", ["the server answers status 202, the requirement is 204"]),
        ("{headers/Vary: null}", ['the server answers headers/Vary "Accept", the requirement is null']),
        (
            "{body/data/type: '/[0-9]+/'}",
            ['the server answers body/data/type "message", the requirement is "/[0-9]+/"'],
        ),
        (
            "{body/data/type: /mess/}",
            ['the server answers body/data/type "message", the requirement is "/mess/"'],
        ),
        ("{body/data/0/id: '1'}", ['the server answers body/data/0/id null, the requirement is "1"']),
    ],
)
def test_a_server_is_held_against_the_requirements(
    tmp_path: Path, address: str, server: str, findings: list[str]
) -> None:
    """The documented request is sent, and each traced part of the answer looked at."""
    docs = SlateFile(tmp_path / "index.html.md", DOCS_OF_OURS)
    found = list(check_server(address, requirements_on_the_server(tmp_path, server), docs))
    assert [finding.message for finding in found] == [
        f"messages#response/status: {each}" for each in findings
    ]
    assert all(str(finding.request).startswith("curl -i ") for finding in found)


@pytest.mark.parametrize("docs", [None, *SERVICE_DOCS], ids=lambda docs: "theirs" if docs else "ours")
def test_our_server_does_as_required(docs: Path | None, address: str, tmp_path: Path) -> None:
    """The requests of the docs are answered as the column "Server" of the page says."""
    if docs is None:
        slate = SlateFile(tmp_path / "index.html.md", DOCS_OF_OURS)
        requirements = requirements_on_the_server(
            tmp_path, "{status: 202, headers/Vary: Accept, body/data/id: '/[0-9]+/'}"
        )
    else:
        slate, requirements = SlateFile.read(docs), Traceability.load(installed("traceability.yaml"))
    assert list(check_server(address, requirements, slate)) == []


def test_a_requirement_on_an_answer_without_a_request_is_reported(tmp_path: Path, address: str) -> None:
    """A requirement that cannot be tested does not count as passed."""
    docs = SlateFile(tmp_path / "index.html.md", DOCS_OF_OURS.replace("# Messages", "# Others"))
    (finding,) = check_server(address, requirements_on_the_server(tmp_path, "{status: 202}"), docs)
    assert finding.message == "messages#response/status: no request of the docs shows what the server does"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of ours."""
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server.url


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "not a file of requirements"),
        ("requirements: 1", "traceability.yaml:1:1: 'requirements' has to be a list"),
        ("requirements:\n  - 1", "traceability.yaml:2:5: an entry of 'requirements' has to be a mapping"),
        (
            "requirements:\n  - {fact: a, says: b, line: 1}",
            "traceability.yaml:2:5: the member 'disposition' is missing",
        ),
        (
            "requirements:\n  - {fact: a, says: b, line: x, disposition: kept}",
            "'line' has to be a int, not 'x'",
        ),
        (
            "requirements:\n  - {fact: a, says: b, line: 1, disposition: held}",
            "there is no disposition 'held'",
        ),
        (
            "requirements:\n  - {fact: a, says: b, line: 1, disposition: kept, decison: x}",
            "there is no member 'decison'",
        ),
        (
            "requirements:\n  - {fact: a, says: b, line: 1, disposition: kept, contract: {200: x}}",
            "traceability.yaml:2:5: 'contract' has to name each thing by a text",
        ),
        ("origins:\n  - {at: /a, origin: b}", "traceability.yaml:2:5: the member 'why' is missing"),
    ],
)
def test_unreadable_requirements_are_reported_at_their_line(tmp_path: Path, text: str, message: str) -> None:
    """A slip of the pen ends in one line that says where it is."""
    file = tmp_path / "traceability.yaml"
    file.write_text(text)
    with pytest.raises(ContractError) as refused:
        Traceability.load(file)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
