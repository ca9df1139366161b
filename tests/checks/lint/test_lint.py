"""Our contract is clean, and each way to spoil it is found by its rule, at its line."""

from pathlib import Path

import pytest

from eqkit.checks.lint.linting import lint
from eqkit.checks.lint.rules.eqkit import EQKIT
from eqkit.checks.lint.rulesets import OWN, grades
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.source_map import installed
from eqkit.errors import ContractError
from eqkit.exit_codes import ExitCode

ALL = grades(OWN)
"""Every rule."""

CONTRACT = installed("elasticqueue.yaml")
TWICE = "operationId: enqueueMessage\n      tags: [messages]\n      summary: Enqueue many"


@pytest.mark.parametrize("document", ["elasticqueue.yaml", "mock.yaml"])
def test_our_documents_are_clean(document: str) -> None:
    """Both documents are valid, their examples true and every rule kept."""
    run = lint(installed(document), ALL)
    assert run.findings == []
    assert run.outcome is ExitCode.PASSED


BREAKS = {
    "a key that stands twice": (
        "  title: ElasticQueue\n", "  title: ElasticQueue\n  title: Other\n",
        "lint-duplicate-key", "  title: Other",
    ),
    "a reference that leads nowhere": (
        "{$ref: '#/components/responses/Gone'}", "{$ref: '#/components/responses/Went'}",
        "lint-reference", "        '410': {$ref: '#/components/responses/Went'}",
    ),
    "a reference to another file": (
        "{$ref: '#/components/links/GetEnqueuedMessage'}", "{$ref: 'links.yaml#/GetEnqueuedMessage'}",
        "lint-reference", "        GetEnqueuedMessage: {$ref: 'links.yaml#/GetEnqueuedMessage'}",
    ),
    "a missing title": ("  title: ElasticQueue\n", "", "lint-invalid", "info:"),
    "a path's variable that is not declared": (
        "/_bulk:\n    parameters:\n      - $ref: '#/components/parameters/queue'\n", "/_bulk:\n",
        "lint-path-parameter-undeclared", "    post:\n      operationId: bulkEnqueueMessages",
    ),
    "an operationId that another has": (
        "operationId: bulkEnqueueMessages", "operationId: enqueueMessage",
        "lint-operation-id", f"      {TWICE}",
    ),
    "a type that there is not": (
        "    QueueName:\n      type: string", "    QueueName:\n      type: text",
        "lint-invalid", "      type: text",
    ),
    "a bound that is none": (
        "          pattern: ^message$", "          maximum: many\n          pattern: ^message$",
        "lint-invalid", "          maximum: many",
    ),
    "an example of another type": (
        "            body: ''\n", "            body: 0\n",
        "lint-example", "            body: 0",
    ),
    "an example out of bounds": (
        "            wait-until: 0\n", "            wait-until: -1\n",
        "lint-example", "            wait-until: -1",
    ),
    "an example with a line break at its end": (
        "          value: mail.out-2", '          value: "mail.out-2\\n"',
        "lint-example", '          value: "mail.out-2\\n"',
    ),
    "a header's example that does not fit": (
        "          value: POST, OPTIONS", "          value: post",
        "lint-example", "          value: post",
    ),
    "a default out of bounds": (
        "          x-default: 0\n", "          default: -1\n",
        "lint-default", "          default: -1",
    ),
    "an operation without a tag": (
        "      tags: [messages]\n      summary: Enqueue a message", "      summary: Enqueue a message",
        "eqkit-operation", "    post:",
    ),
    "an answer by default": (
        "        '202': {$ref: '#/components/responses/Enqueued'}",
        "        default: {$ref: '#/components/responses/Enqueued'}",
        "eqkit-default-response", "        default: {$ref: '#/components/responses/Enqueued'}",
    ),
    "an answer without its header": (
        "nothing.\n      headers:\n        WWW-Authenticate: {$ref: '#/components/headers/WWW-Authenticate'}",
        "nothing.\n      headers:",
        "eqkit-headers", "        '401': {$ref: '#/components/responses/Unauthorized'}",
    ),
    "a header that is not promised": (
        "demands of every 405 (RFC 9110 15.5.6).\n      required: true", "demands of every 405.",
        "eqkit-headers", "        '405': {$ref: '#/components/responses/MethodNotAllowed'}",
    ),
    "an answer without content": (
        """\
      content:
        application/vnd.api+json:
          schema: {$ref: '#/components/schemas/ErrorDocument'}
          examples:
            teapot: {$ref: '#/components/examples/teapot'}
""",
        "", "eqkit-content", "        '418': {$ref: '#/components/responses/Teapot'}",
    ),
    "a HEAD that is not as its GET": (
        "no such path.\n          headers:\n",
        "no such path.\n          headers:\n            Allow: {$ref: '#/components/headers/Allow'}\n",
        "eqkit-head", "        '404':\n          description: There is no such message",
    ),
    "a component that is left over": (
        "\n  links:\n", "\n  links:\n    Left: {operationId: getMessage}\n",
        "eqkit-unused", "    Left:",
    ),
    "a schema that requests and answers share": (
        "        data: {$ref: '#/components/schemas/EnqueuedMessage'}",
        "        data: {$ref: '#/components/schemas/MessageInput'}",
        "eqkit-shared", "    MessageInput:",
    ),
    "a schema without a name": (
        "          schema: {$ref: '#/components/schemas/EnqueuedMessageDocument'}",
        "          schema: {type: object, required: [jsonapi]}",
        "eqkit-unnamed", "          schema: {type: object, required: [jsonapi]}",
    ),
    "attributes that are open": (
        "      additionalProperties: false\n      x-patternProperties",
        "      x-patternProperties",
        "eqkit-closed", "    MessageInputAttributes:",
    ),
    "an object of JSON:API that is closed": (
        "      title: MessageInput\n", "      title: MessageInput\n      additionalProperties: false\n",
        "eqkit-closed", "    MessageInput:",
    ),
    "a pattern that is open": (
        "          pattern: ^message$", "          pattern: message",
        "eqkit-pattern", "          pattern: message",
    ),
    "a schema that is nullable": (
        "    QueueName:\n      type: string", "    QueueName:\n      nullable: true\n      type: string",
        "eqkit-nullable", "      nullable: true",
    ),
    "an example that says nothing": (
        "      summary: An empty body is a body\n", "",
        "eqkit-examples", "            empty-body: {$ref: '#/components/examples/empty-body-request'}",
    ),
    "a ruling that is missing": (
        "      x-origin: implied\n      x-ruling: [B10]\n\n    ErrorCode:",
        "      x-origin: implied\n\n    ErrorCode:",
        "eqkit-origin", "    ErrorSource:",
    ),
    "a field from nowhere": (
        "          x-origin: implied\n          x-ruling: [B10, H7, H13]\n", "",
        "eqkit-origin", "        parameter:",
    ),
    "a code that is none": (
        "            pattern: resource-type-conflict", "            pattern: type-conflict",
        "eqkit-error-codes", "            pattern: type-conflict",
    ),
    "a keyword that is none": (
        "            pattern: resource-type-conflict", "            const: resource-type-conflict",
        "eqkit-error-codes", "            const: resource-type-conflict",
    ),
}  # fmt: skip
"""Old text, new text, the rule that this breaks, and the line of the finding."""


def spoilt(folder: Path, old: str, new: str) -> Path:
    """A copy of the contract in which the first `old` has become `new`."""
    text = CONTRACT.read_text()
    assert old in text
    file = folder / "spoilt.yaml"
    file.write_text(text.replace(old, new, 1))
    return file


@pytest.mark.parametrize(("old", "new", "rule", "marker"), BREAKS.values(), ids=BREAKS)
def test_each_break_is_found_by_its_rule_at_its_line(
    tmp_path: Path, old: str, new: str, rule: str, marker: str
) -> None:
    """Each way to spoil the contract is reported where a person has to look."""
    file = spoilt(tmp_path, old, new)
    text = file.read_text()
    line = text[: text.index(marker)].count("\n") + 1
    found = [(each.rule, each.place.line) for each in lint(file, ALL).findings if each.place is not None]
    assert (rule, line) in found


def test_every_rule_of_the_ruleset_eqkit_is_broken_by_one_of_these() -> None:
    """A rule that nothing breaks may as well not be there."""
    assert set(EQKIT) - {rule for _, _, rule, _ in BREAKS.values()} == set()


def test_each_invalid_schema_is_reported_at_its_own_line(tmp_path: Path) -> None:
    """The same fault in several places is reported in each of them."""
    file = tmp_path / "wrong.yaml"
    file.write_text(
        """\
openapi: 3.1.0
info: {title: Wrong, version: '1'}
paths: {}
components:
  schemas:
    One: {minLength: many}
    Two:
      properties:
        within: {minLength: many}
    Three: {minLength: many}
"""
    )
    found = [each.place for each in lint(file, grades([])).findings]
    assert sorted(each.line for each in found if each and each.line) == [6, 9, 10]


def test_rules_can_be_left_out(tmp_path: Path) -> None:
    """Other documents have other ways: a rule, or a whole ruleset, is left out."""
    file = spoilt(tmp_path, *BREAKS["a pattern that is open"][:2])
    assert {each.rule for each in lint(file, ALL).findings} == {"eqkit-pattern"}
    without = {rule: grade for rule, grade in ALL.items() if rule != "eqkit-pattern"}
    assert lint(file, without).outcome is ExitCode.PASSED
    assert lint(file).outcome is ExitCode.PASSED


def test_operations_without_a_name_are_not_called_the_same(tmp_path: Path) -> None:
    """Each is reported as nameless, and not as a duplicate of the other."""
    text = CONTRACT.read_text()
    for name in ("enqueueMessage", "getMessage"):
        text = text.replace(f"      operationId: {name}\n", "")
    file = tmp_path / "nameless.yaml"
    file.write_text(text)
    messages = [each.message for each in lint(file, ALL).findings if each.rule == "eqkit-operation"]
    assert [each.partition(": ")[2] for each in messages] == ["the operation has no operationId"] * 2


def test_schemas_that_refer_in_circles_are_followed(tmp_path: Path) -> None:
    """A tree is a schema that contains itself; a wrong leaf is found at its place."""
    file = tmp_path / "tree.yaml"
    file.write_text(
        """\
openapi: 3.0.3
info: {title: Trees, version: '1'}
paths: {}
components:
  schemas:
    Tree:
      type: object
      nullable: true
      properties:
        left: {$ref: '#/components/schemas/Tree'}
        size: {type: integer}
      example:
        left: {left: null, size: many}
"""
    )
    (finding,) = lint(file, grades(["recommended"])).findings
    assert finding.place == Place(file, 13, 28, "/components/schemas/Tree/example/left/size")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 3.0.3", "lint-invalid"),
        ("openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: 1", "lint-invalid"),
        ("openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: {/a: null}", "lint-invalid"),
        ("openapi: 3.0.3\ninfo: 1\npaths: {/a: {get: {responses: [1]}}}\ncomponents: []", "lint-invalid"),
    ],
)
def test_a_document_of_another_shape_is_a_finding_and_no_crash(
    tmp_path: Path, text: str, message: str
) -> None:
    """Lint ends with findings, for any file."""
    file = tmp_path / "odd.yaml"
    file.write_text(text)
    assert {each.rule for each in lint(file, grades([])).findings} == {message}


@pytest.mark.parametrize("text", ["openapi: 9.9.9", "[]", "a: [", "openapi: 3"])
def test_a_file_that_is_no_openapi_document_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    """A version that nobody knows, another kind of file, or no YAML: nothing can be validated."""
    file = tmp_path / "odd.yaml"
    file.write_text(text)
    with pytest.raises(ContractError, match=r"\A[^\n]*odd\.yaml[^\n]*\Z"):
        lint(file)
