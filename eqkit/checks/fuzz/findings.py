"""Failures of Schemathesis as findings: the fault, its place in the answer, and its line in the contract."""

from collections.abc import Mapping
from typing import Any

from eqkit.checks.conformance import Conformance
from eqkit.checks.findings import Finding
from eqkit.checks.fuzz.requests import curl_of
from eqkit.contract.document import pointer_of
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.contract.operations import Contract, member_of, sent_method
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Route, Routes

Failure = Mapping[str, Any]
"""A failure as Schemathesis stores it: the requests that led to it, and the messages of the checks."""

_VALIDATED = {
    "response_schema_conformance": "response-body",
    "response_headers_conformance": "response-header",
}
"""The checks whose messages lack the place of the fault, and our rule that has it."""


class Findings:
    """Makes the findings of one contract."""

    def __init__(self, contract: ContractFile) -> None:
        """Take a contract that can be validated against."""
        self._contract = contract
        self._operations = Contract(contract.document)
        self._conformance = Conformance(contract, Routes(self._operations))

    def of(self, failure: Failure) -> Finding:
        """Return the finding of a failure."""
        last = failure["sequence"][-1]
        broken = next(check for check in last["checks"] if check["status"] == "failure")
        status = last["response"]["status_code"] if last.get("response") else "no answer"
        violation = self._violation(failure, broken["name"])
        if violation is None:
            # A title, a sentence, and a list of the parts that it is about.
            lines = [line.strip() for line in broken["message"].splitlines() if line.strip()]
            about = ", ".join(line.removeprefix("- ") for line in lines[2:] if line.startswith("- "))
            detail = f"{': '.join(lines[:2])} {about}".rstrip()
            member = member_of(sent_method(failure["method"]))
            pointer = pointer_of(["paths", failure["path_template"], *member])
        else:
            detail, pointer = violation.message, violation.source
        return Finding(
            rule=f"fuzz-{broken['name'].replace('_', '-')}",
            message=f"{failure['operation']}: {status}: {detail}",
            place=self._contract.place(pointer),
            advice="With --keep it is stored, and --replay sends it again once the server is mended.",
            request="\n".join(curl_of(self._contract.document, step) for step in failure["sequence"]),
        )

    def _violation(self, failure: Failure, check: str) -> MessageViolation | None:
        """Return our own violation for the last answer of a failure; None if it keeps the contract."""
        response, path = failure["sequence"][-1].get("response"), failure["path_template"]
        if check not in _VALIDATED or not response or not isinstance(response.get("body"), str):
            return None
        of_path = {each.method: each for each in self._operations.operations.values() if each.path == path}
        answered = RecordedExchange(
            failure["operation"],
            sent_method(failure["method"]),
            path,
            status=response["status_code"],
            response_headers=tuple(response["headers"].items()),
            response_body=response["body"].encode("utf-8", "surrogatepass"),
        )
        violations = self._conformance.response_violations(answered, Route(path, of_path, {}))
        musts = (each for each in violations if each.level is Level.MUST)
        return next((each for each in musts if each.rule == _VALIDATED[check]), None)
