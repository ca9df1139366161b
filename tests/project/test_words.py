"""Words that gave way to the field's own stay away, as names in code and as terms in text.

The field's words stand in docs/reference/glossary.md. A name counts in Python code alone, outside of
docstrings, comments and texts; a term counts in every tracked file of ours.
"""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.docs.pages import ROOT
from tests.tools import needed

NAMES = {
    "Refusal": "ApiError",
    "Answer Answers ErrorAnswers StoredAnswers": "Response",
    "Exchange EXCHANGE exchange_of": "RecordedExchange, RequestContext",
    "Layer LayerAPI _following": "Middleware, Handler, call_next",
    "NOT_JUDGED unjudged": "ExitCode.ERROR, inconclusive",
    "Judges judge_call judge_origins judge_server judged judging": "validate",
    "Breach": "Violation",
    "Verdict Claim Claims claims": "Disposition, Requirement, Traceability",
    "mishap mishaps": "delivery fault",
    "trouble is_troubled": "faults, has_active_faults",
    "befell befall befalling": "applied faults, matching rules",
    "world worlds World Worlds WorldClock": "sandbox, SandboxClock",
    "auto_skip": "auto-advance",
    "journey journeys come_to_rest horizon": "advance, wait_until_idle, batch_until",
    "catch_up take_up mind_faults": "run_due, restore, refresh_fault_hooks",
    "span_ms": "duration",
    "Amendment amendments amended": "overlay, OverlayAction",
    "NATURALLY ON_REQUEST": "covered, forced",
    "mistakes foresee": "client warnings, ClientLinter.check",
    "AnyKey JournalBeside": "ProxySandboxes, ProxyControlPlane",
    "Passage OF_THE_HOP": "ProxiedExchange, HOP_BY_HOP_HEADERS",
    "NoWayOut Posting NotPosted": "DisabledSender, PendingAttempt, SendFailed",
    "excused plain_schemas": "optional_in, to_json_schema",
    "lost_references Lines": "unresolved references, SourceMap",
    "Misunderstood Refused Unreachable": "DecodeError, StatusError, ConnectError",
    "write_down row_of": "record, pack_entry",
    "told tell": "message, report, describe",
    "most least": "max_, min_, limit",
    "_shown": "format_value",
    "_let_by let_by can_let_by _spared _held _gone _behind": "_deferred, _immune, _paused, _cancelled",
    "Impossible": "ProbeSkipped",
}
"""Names, and those in their place."""

TERMS = [
    (
        ("; ", "outcome"),
        r": (?:kept|broken);|(?:Outcome|ExitCode)\.(?:KEPT|BROKEN)|outcome(?:=|\"\] == \")(?:kept|broken)",
        "passed, failed",
    ),
    (("unjudged",), r"\bunjudged", "error, inconclusive"),
    (("judg",), r"\bjudg(?:e|es|ed|ing|ement)\b", "validate"),
    (("breach",), r"accepted-breach|\bbreach(?:es)?\b", "violation"),
    (("mishap",), r"\bmishaps?\b", "delivery fault"),
    (("kinds of trouble",), r"kinds of trouble", "kinds of fault"),
    (("world",), r"(?<!hello )\bworlds?\b", "sandbox"),
    (("auto-skip",), r"auto-skip", "auto-advance"),
    (("journey",), r"\bjourneys?\b", "advance"),
    (("span",), r"span-ms|--span\b", "duration-ms, --duration"),
    (("house",), r"house-\w+|--house\b|house rules", "ruleset, --ruleset"),
    (("client mistake",), r"client mistakes?\b", "client warning"),
    (("probe-impossible",), r"probe-impossible", "probe-skipped"),
    (("lost reference",), r"lost references?\b", "unresolved reference"),
    (("doors",), r"tests[./]doors|light-doors", "tests/interfaces"),
    (("by lot",), r"\bby lot\b", "at random"),
    (("many-th",), r"how many-th", "nth"),
    (("so many",), r"\bso many\b", "COUNT, that many"),
    (("played by",), r"\bplayed by", "mocked by"),
]
"""Texts of which a line with a term has one, the pattern of the term, and the terms in its place."""

NOT_OURS = re.compile(
    r"tests/contract/schemas/json_schema_test_suite/|tests/checks/schemas/"
    r"|requirements.*\.(lock|txt)$|package-lock\.json$"
    r"|^(CHANGELOG\.md|changes/|docs/adr/|LICENSE)"  # history and decisions keep the words of their time
    r"|^tests/project/test_words\.py$"
)
"""Files that are vendored, generated or of the past."""

_NOT_CODE = re.compile(r'"""[\s\S]*?"""|[fF]?"(?:[^"\\\n]|\\.)*"|[fF]?\'(?:[^\'\\\n]|\\.)*\'|#[^\n]*')
_FIELD = re.compile(r"\{[^{}]*\}")
_INSTEAD = {name: instead for names, instead in NAMES.items() for name in names.split()}
_PATTERNS = [(hints, re.compile(pattern, re.IGNORECASE), instead) for hints, pattern, instead in TERMS]


def tracked() -> dict[str, str]:
    """Return the text of every tracked file of ours by its path."""
    done = subprocess.run(
        [needed("git"), "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = {}
    for name in filter(None, done.stdout.split("\0")):
        if not NOT_OURS.search(name) and (ROOT / name).is_file():
            found[name] = (ROOT / name).read_bytes().decode(errors="replace")
    return found


def code_of(text: str) -> str:
    """Return Python code with its docstrings, texts and comments blanked, and of f-strings the code alone."""

    def kept(found: re.Match[str]) -> str:
        if found[0][0] in "fF":
            return " ".join(re.sub("'[^']*'", "", each) for each in _FIELD.findall(found[0]))
        return "\n" * found[0].count("\n")

    return _NOT_CODE.sub(kept, text)


def names_in(text: str) -> Iterator[str]:
    """Yield each name of the table that Python code has, with its line and the name in its place."""
    if _INSTEAD.keys().isdisjoint(re.findall(r"\w+", text)):
        return
    for number, line in enumerate(code_of(text).splitlines(), 1):
        for name in re.findall(r"\w+", line):
            if name in _INSTEAD:
                yield f"{number}: {name} is {_INSTEAD[name]}"


def terms_in(text: str) -> Iterator[str]:
    """Yield each term of the table that a text has, with its line and the term in its place."""
    lowered = text.lower()
    for hints, pattern, instead in _PATTERNS:
        if any(hint in lowered for hint in hints):
            for match in pattern.finditer(text):
                yield f"{text.count(chr(10), 0, match.start()) + 1}: {match[0]} is {instead}"


def test_no_renamed_name_is_left_in_code() -> None:
    """No identifier of Python code is one that has a name of the field."""
    code = {name: text for name, text in tracked().items() if name.endswith(".py")}
    assert [f"{name}:{each}" for name, text in code.items() for each in names_in(text)] == []


def test_no_renamed_term_is_left_in_text() -> None:
    """No page, document, docstring, message or test uses a term that has one of the field."""
    found = [f"{name}:{each}" for name, text in tracked().items() for each in terms_in(text)]
    assert found == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("class Refusal(Exception):", ["1"]),
        ('x = 1\nraise AnyKey("told")', ["2"]),
        ('"""A tell\nof most worlds."""\n\ntold = 2', ["4"]),
        ("queue._gone.add(1)", ["1"]),
        ('f"{told}"', ["1"]),
        ("# told", []),
        ("mostly, foretold = 1, 2", []),
    ],
)
def test_a_name_is_found_in_code_alone(code: str, lines: list[str]) -> None:
    """Whole names are found with their lines, also in f-strings, and not in docstrings, comments or texts."""
    assert [each.partition(":")[0] for each in names_in(code)] == lines


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("probe: kept; 21 tested", 1),
        ("The body is kept; a broken one is not.", 0),
        ("It could not be judged.", 1),
        ("one world, two worlds", 2),
        ("--span 5s and `span-ms`", 2),
        ("the so many-th of them", 1),
    ],
)
def test_a_term_is_found_in_text(text: str, count: int) -> None:
    """Terms are found wherever they stand; ordinary English that shares a word with them is not."""
    assert len(list(terms_in(text))) == count
