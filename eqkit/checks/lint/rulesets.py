"""The rulesets of lint, and how much each of their rules matters."""

from collections.abc import Iterable

from eqkit.checks.findings import Severity
from eqkit.checks.lint.examples import defaults_are_valid, examples_are_valid
from eqkit.checks.lint.problems import Rule
from eqkit.checks.lint.rules import contents, links, operations, paths, references, schemas
from eqkit.checks.lint.rules.eqkit import EQKIT
from eqkit.checks.lint.rules.generators import GENERATORS
from eqkit.checks.lint.validity import invalid

CORE: dict[str, Rule] = {
    "lint-invalid": invalid,
    **references.CORE,
    **paths.CORE,
    **operations.CORE,
    **contents.CORE,
    **links.CORE,
    **schemas.CORE,
    "lint-default": defaults_are_valid,
}
"""The rules that the specification itself makes."""

RECOMMENDED: dict[str, Rule] = {
    "lint-example": examples_are_valid,
    **references.RECOMMENDED,
    **paths.RECOMMENDED,
    **operations.RECOMMENDED,
    **contents.RECOMMENDED,
    **links.RECOMMENDED,
    **schemas.RECOMMENDED,
}
"""Rules against faults that the specification allows, or advises against."""

RULES: dict[str, Rule] = {**CORE, **RECOMMENDED, **GENERATORS, **EQKIT}
"""Every rule by its slug; the first line of its docstring is its reason."""

DUPLICATE_KEY = "lint-duplicate-key"
"""The one rule that is about the text of the file, and not about the document."""

_GRADES: dict[str, dict[str, Severity]] = {
    "core": dict.fromkeys((DUPLICATE_KEY, *CORE), Severity.ERROR),
    "recommended": dict.fromkeys(RECOMMENDED, Severity.WARNING) | {"lint-example": Severity.ERROR},
    "generators": dict.fromkeys(GENERATORS, Severity.WARNING),
    # A component that nothing uses is no part of the contract: that is a fault in a document of eqkit's own.
    "eqkit": dict.fromkeys((*EQKIT, "lint-unused-component"), Severity.ERROR),
}

RULESETS = tuple(_GRADES)
"""The names of the rulesets; `core` always holds."""

USUAL = {rule: grade for name in reversed(_GRADES) for rule, grade in _GRADES[name].items()}
"""The severity that each rule has by itself."""

DEFAULT = ("core", "recommended", "generators")
"""The rulesets that hold for a document where nothing else is asked for."""

OWN = RULESETS
"""Those that hold for the contract that comes with eqkit."""

ALL_RULES = (DUPLICATE_KEY, *RULES)
"""The slug of every rule."""


def grades(names: Iterable[str]) -> dict[str, Severity]:
    """Return the rules of some rulesets, and of `core`, with how much each of them matters."""
    found: dict[str, Severity] = {}
    chosen = {"core", *names}
    for name in RULESETS:
        found |= _GRADES[name] if name in chosen else {}
    return found
