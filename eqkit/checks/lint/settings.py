"""The file with the settings of lint: rulesets, severities of single rules, and ignored findings."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from eqkit.checks.findings import Severity
from eqkit.checks.lint.rulesets import ALL_RULES, RULESETS, grades
from eqkit.errors import StartupError

FILE = "eqkit-lint.yaml"
"""The file that is read from the working directory where no other is named."""

OFF = "off"
_GRADES = (*Severity, OFF)


@dataclass(frozen=True, slots=True)
class Ignored:
    """Findings that are let pass: those of a rule at a pointer and below it, and the reason for it."""

    rule: str
    at: str
    reason: str

    def covers(self, rule: str, pointer: str) -> bool:
        """Return True for a finding that is let pass."""
        return rule == self.rule and (pointer == self.at or pointer.startswith(f"{self.at}/"))


@dataclass(frozen=True, slots=True)
class Settings:
    """The contents of a file of settings."""

    rulesets: Sequence[str] | None = None
    rules: Mapping[str, Severity | None] = field(default_factory=dict)
    ignored: Sequence[Ignored] = ()

    def grades(self, rulesets: Iterable[str], without: Iterable[str] = ()) -> dict[str, Severity]:
        """Return each rule that holds and how much it matters."""
        chosen: dict[str, Severity | None] = {**grades(rulesets), **self.rules, **dict.fromkeys(without)}
        return {rule: grade for rule, grade in chosen.items() if grade is not None}


def read(file: Path | None) -> Settings:
    """Read a file of settings, by default `eqkit-lint.yaml` if there is one; raises StartupError."""
    if file is None and not Path(FILE).exists():
        return Settings()
    file = file or Path(FILE)
    try:
        stated: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        return _settings({} if stated is None else stated)
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    except yaml.YAMLError as error:
        raise StartupError(f"{file}: not YAML: {' '.join(str(error).split())}") from error
    except ValueError as error:
        raise StartupError(f"{file}: {error}") from error


def _settings(stated: Any) -> Settings:
    members = _object(stated, "the file", ("rulesets", "rules", "ignore"))
    rulesets = members.get("rulesets")
    if rulesets is not None:
        rulesets = [known(each, RULESETS, "ruleset") for each in _array(rulesets, "rulesets")]
    rules = {
        known(name, ALL_RULES, "rule"): _grade(name, grade)
        for name, grade in _object(members.get("rules") or {}, "rules").items()
    }
    ignored = [_ignored(each) for each in _array(members.get("ignore") or [], "ignore")]
    return Settings(rulesets, rules, ignored)


def _grade(rule: str, stated: Any) -> Severity | None:
    # YAML 1.1, which PyYAML reads, takes a bare `off` for false.
    text = OFF if stated is False else str(stated)
    if text not in _GRADES:
        raise ValueError(f"rules: {rule} must be {', '.join(_GRADES[:-1])} or {OFF}, and is {stated}")
    return None if text == OFF else Severity(text)


def _ignored(stated: Any) -> Ignored:
    members = _object(stated, "an entry of ignore", ("rule", "at", "reason"))
    for name in ("rule", "at", "reason"):
        if not isinstance(members.get(name), str) or not members[name].strip():
            raise ValueError(f'ignore: each entry has a rule, a pointer "at" and a reason; {name} is missing')
    if not members["at"].startswith("/"):
        raise ValueError(f'ignore: "at" must be a JSON pointer such as /paths/~1pets, and is {members["at"]}')
    return Ignored(known(members["rule"], ALL_RULES, "rule"), members["at"].rstrip("/"), members["reason"])


def _object(stated: Any, what: str, names: Sequence[str] | None = None) -> dict[str, Any]:
    if not isinstance(stated, dict):
        raise ValueError(f"{what} must be an object")
    for name in stated if names is not None else ():
        known(str(name), names or (), "member")
    return {str(name): value for name, value in stated.items()}


def _array(stated: Any, what: str) -> list[Any]:
    if not isinstance(stated, list):
        raise ValueError(f"{what} must be a list")
    return stated


def known(name: Any, names: Sequence[str], kind: str) -> str:
    """Return a name that is one of some; raises ValueError, with the nearest, for any other."""
    if name in names:
        return str(name)
    near = difflib.get_close_matches(str(name), names, 1, 0.6)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    raise ValueError(f'there is no {kind} "{name}"; {hint}')
