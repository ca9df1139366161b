"""The ignore file: changes that are known and accepted, each with a reason, and severities of one's own."""

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from eqkit.checks.diff import rules
from eqkit.checks.findings import Finding, Severity
from eqkit.contract.document import Json
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.source_map import SourceMap
from eqkit.errors import StartupError

MEMBERS = ("rule", "place", "operation", "reason")
OFF = "off"


@dataclass(slots=True)
class Entry:
    """One entry: the changes that it ignores, why, and how many there were."""

    rule: str
    reason: str
    place: str | None
    operation: str | None
    where: Place
    count: int = 0

    def fits(self, rule: str, pointer: str, operation: str) -> bool:
        """Return whether a change of a rule, at a JSON pointer, used by an operation, is to be ignored."""
        return (
            fnmatch.fnmatchcase(rule, self.rule)
            and (self.place is None or pointer == self.place or pointer.startswith(f"{self.place}/"))
            and (self.operation is None or fnmatch.fnmatchcase(operation, self.operation))
        )


@dataclass(slots=True)
class Choices:
    """The choices of the user: entries of the ignore file, and severities by rule, the last one first."""

    entries: list[Entry] = field(default_factory=list)
    severities: list[tuple[str, Severity | None]] = field(default_factory=list)

    def severity(self, rule: str, default: Severity) -> Severity | None:
        """Return how much a rule matters, or None for one that is off."""
        chosen = (severity for pattern, severity in self.severities if fnmatch.fnmatchcase(rule, pattern))
        return next(chosen, default)

    def left(self, rule: str, pointer: str, places: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the places of a change that no entry ignores, each an operation and a part of it."""
        kept = []
        for operation, part in places:
            fitting = [each for each in self.entries if each.fits(rule, pointer, operation)]
            for each in fitting:
                each.count += 1
            if not fitting:
                kept.append((operation, part))
        return kept

    def unused(self) -> list[Finding]:
        """Return a finding for each entry that fits no change."""
        severity = self.severity("diff-ignore-unused", Severity.WARNING)
        advice = rules.find("ignore-unused").advice
        return [
            Finding("diff-ignore-unused", f"{each.rule} is ignored here, and there is no such change",
                    severity, each.where, advice)
            for each in self.entries if each.count == 0 and severity is not None
        ]  # fmt: skip


def read_severities(texts: Sequence[str]) -> list[tuple[str, Severity | None]]:
    """Return severities that were given as RULE=LEVEL, the last one first; raises StartupError."""
    found = []
    for text in texts:
        rule, equals, level = text.partition("=")
        if not equals or level not in (*Severity, OFF):
            raise StartupError(f'--severity "{text}": write RULE=error, =warning, =note or =off')
        if not is_known(rule):
            raise StartupError(f'--severity "{text}": there is no rule {rule}')
        found.append((rule, None if level == OFF else Severity(level)))
    return found[::-1]


def read_entries(file: Path) -> list[Entry]:
    """Return the entries of an ignore file; raises StartupError with the place of a fault in it."""
    lines = SourceMap.read(file)
    data: Json = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    entries = data if isinstance(data, list) else []
    if data is not None and not isinstance(data, list):
        raise StartupError(f"{file}: it has to be a list of entries, each with a rule and a reason")
    return [_entry(each, lines.place(f"/{index}")) for index, each in enumerate(entries)]


def _entry(data: Json, where: Place) -> Entry:
    place = f"{where.file}:{where.line}"
    if not isinstance(data, dict) or not all(isinstance(each, str) for each in data.values()):
        raise StartupError(f"{place}: an entry has the members {', '.join(MEMBERS)}, each a text")
    unknown = [name for name in data if name not in MEMBERS]
    if unknown:
        raise StartupError(f"{place}: there is no member {unknown[0]}; an entry has {', '.join(MEMBERS)}")
    if not data.get("rule"):
        raise StartupError(f"{place}: say which rule is ignored: rule: diff-…")
    if not is_known(data["rule"]):
        raise StartupError(f"{place}: there is no rule {data['rule']}")
    if not data.get("reason", "").strip():
        raise StartupError(f"{place}: say why {data['rule']} is ignored: reason: …")
    pointer = data.get("place")
    if pointer is not None and not pointer.startswith("/"):
        raise StartupError(f"{place}: a place is a JSON pointer as a report shows it: /components/schemas/…")
    return Entry(data["rule"], data["reason"], pointer, data.get("operation"), where)


def is_known(pattern: str) -> bool:
    """Return whether there is a rule of a name, or one that a pattern with * fits."""
    return any(fnmatch.fnmatchcase(f"diff-{name}", pattern) for name in rules.names())
