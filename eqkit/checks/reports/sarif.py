"""A run as SARIF 2.1.0, which code scanning shows at the line in the OpenAPI document."""

import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from eqkit import __version__
from eqkit.checks.findings import Finding, Run
from eqkit.checks.reports.writing import local, verdict
from eqkit.contract.loading.places import Place
from eqkit.exit_codes import ExitCode
from eqkit.printing import json_text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

View = dict[str, Any]


def render(run: Run) -> str:
    """Return the log with the one run; one that could not be carried out is a notification."""
    rules = list(dict.fromkeys(finding.rule for finding in run.findings))
    invocation: View = {
        "executionSuccessful": run.outcome is not ExitCode.ERROR,
        "exitCode": int(run.outcome),
    }
    if run.outcome is ExitCode.ERROR:
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": verdict(run)}}]
    driver = {"name": "eqkit", "version": __version__, "rules": [_rule(rule) for rule in rules]}
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "automationDetails": {"id": f"eqkit/{run.check}/"},
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "results": [_result(finding, rules.index(finding.rule)) for finding in run.findings],
            }
        ],
    }
    return f"{json_text(document)}\n"


def uri(file: Path) -> str:
    """Name a file as it stands in the working directory, or by a ``file:`` URI outside of it."""
    name = local(file)
    return name.as_uri() if name.is_absolute() else quote(name.as_posix())


def _rule(rule: str) -> View:
    return {"id": rule, "shortDescription": {"text": rule.replace("-", " ").capitalize() + "."}}


def _result(finding: Finding, index: int) -> View:
    messages = (finding.message, finding.advice, finding.request)
    result: View = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": _text("\n".join(line for line in messages if line is not None))},
        "partialFingerprints": {"eqkit/v1": _fingerprint(finding)},
    }
    if finding.place is not None:
        result["locations"] = [_location(finding.place)]
    return result


def _text(text: str) -> str:
    """Return a text without links as SARIF knows them, ``[text](address)`` (3.11.6)."""
    return re.sub(r"\](?=\()", "] ", text)


def _location(place: Place) -> View:
    physical: View = {"artifactLocation": {"uri": uri(place.file)}}
    if place.line is not None:
        physical["region"] = {"startLine": place.line}
        if place.column is not None:
            physical["region"]["startColumn"] = place.column
    location: View = {"physicalLocation": physical}
    if place.pointer is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": place.pointer, "kind": "member"}]
    return location


def _fingerprint(finding: Finding) -> str:
    """Return a digest of rule, pointer and message, the same when the lines above have moved."""
    pointer = "" if finding.place is None else f"{finding.place.file.name}{finding.place.pointer}"
    return hashlib.sha256(
        f"{finding.rule}\0{pointer}\0{finding.message}".encode("utf-8", "replace")
    ).hexdigest()[:32]
