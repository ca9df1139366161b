"""A run as JUnit XML: a test case for each thing tested, and for each finding about none of them."""

import re
from xml.etree import ElementTree as ET

from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.reports.writing import subject, tidied, verdict, where
from eqkit.exit_codes import ExitCode

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(run: Run) -> str:
    """Return the XML: errors as failures, a run that could not be carried out as an error, others as text."""
    run = tidied(run)
    tested = set(run.tested)
    about: dict[str, list[Finding]] = {name: [] for name in run.tested}
    alone: list[Finding] = []
    for finding in run.findings:
        name = subject(finding, tested)
        (alone if name is None else about[name]).append(finding)
    suite = ET.Element("testsuite", name=f"eqkit.{run.check}")
    for name, findings in about.items():
        _case(suite, f"eqkit.{run.check}", name, findings)
    for finding in alone:
        place = "" if finding.place is None else f" at {where(finding.place)}"
        _case(suite, f"eqkit.{run.check}.findings", f"{finding.rule}{place}", [finding])
    errors = int(run.outcome is ExitCode.ERROR)
    if errors:
        case = ET.SubElement(suite, "testcase", classname=f"eqkit.{run.check}", name=run.check, time="0")
        ET.SubElement(case, "error", message=_clean(verdict(run)), type="error")
    counts = {
        "tests": str(len(suite)),
        "failures": str(sum(case.find("failure") is not None for case in suite)),
        "errors": str(errors),
        "skipped": "0",
        "time": "0",
    }
    suite.attrib.update(counts)
    suites = ET.Element("testsuites", {"name": "eqkit", **counts})
    suites.append(suite)
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _case(suite: ET.Element, classname: str, name: str, findings: list[Finding]) -> None:
    case = ET.SubElement(suite, "testcase", classname=classname, name=_clean(name), time="0")
    broken = [finding for finding in findings if finding.severity is Severity.ERROR]
    if broken:
        # A test case has one failure, since most readers show the first one alone.
        failure = ET.SubElement(case, "failure", message=_clean(broken[0].message), type=broken[0].rule)
        failure.text = _clean("\n\n".join(map(_text, broken)))
    others = [finding for finding in findings if finding.severity is not Severity.ERROR]
    if others:
        output = ET.SubElement(case, "system-out")
        output.text = _clean("\n\n".join(f"{finding.severity}: {_text(finding)}" for finding in others))


def _text(finding: Finding) -> str:
    place = None if finding.place is None else where(finding.place)
    lines = (f"{finding.message} [{finding.rule}]", place, finding.advice, finding.request)
    return "\n".join(line for line in lines if line is not None)


def _clean(text: str) -> str:
    """Return a text with the characters that XML cannot hold replaced."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
