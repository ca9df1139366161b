"""An OpenAPI document judged by itself: valid, its examples true, its rules kept, and fit for generators."""

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from pathlib import Path

import yaml

from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.lint.examples import Examples, schemas
from eqkit.checks.lint.generator_rules import GENERATOR_RULES
from eqkit.checks.lint.house_rules import RULES, Broken, components, operations
from eqkit.checks.references import lost_references, refuse_other_versions
from eqkit.contract.document import Document, Json, pointer_of
from eqkit.contract.source_map import ContractFile, children

_OPERATION = re.compile(r"'(\w+)' (?:operation )?in '(/[^']*)'")
"""How the validator names an operation in a message that comes without a place."""


Rules = Mapping[str, Callable[[Document], Iterator[Broken]]]
"""Rules by their slugs."""


def lint(
    contract: Path | None = None,
    without: Iterable[str] = (),
    *,
    house: bool = True,
    generators: bool = True,
) -> Run:
    """Judge a document, by default the installed contract; raises ContractError for an unusable one.

    The rules that are named in `without` are left out. `house` holds it to the house rules; `generators`
    warns of what breaks generated clients.
    """
    file = ContractFile.load(contract)
    refuse_other_versions(file)
    findings = [*_repeated_keys(file), *lost_references(file)]
    if not findings:
        findings += _invalid(file)
    tested = ["the document"]
    # The shape of a document that is not valid is anybody's guess.
    if not findings:
        tested += [pointer_of(path) for path, _ in (*operations(file.document), *components(file.document))]
        examples = Examples(file.document)
        placed = list(examples.all())
        tested += dict.fromkeys(at for at, _, _ in placed)
        findings += _wrong_examples(file, examples, placed)
        left_out = set(without)
        if house:
            findings += _ruled(file, RULES, left_out, Severity.ERROR)
        if generators:
            findings += _ruled(file, GENERATOR_RULES, left_out, Severity.WARNING)
    return Run("lint", list(dict.fromkeys(tested)), findings)


def _invalid(file: ContractFile) -> Iterator[Finding]:
    from openapi_spec_validator.shortcuts import get_validator_cls

    # The validator judges defaults without telling their place, so they are left to the examples.
    document = Document(copy.deepcopy(file.document.data))
    for _, schema in schemas(document):
        schema.pop("default", None)
    # It takes an extension among the paths for a path, and breaks on it.
    paths = document.data.get("paths")
    if isinstance(paths, dict):
        document.data["paths"] = {name: item for name, item in paths.items() if not name.startswith("x-")}
    try:
        errors = list(get_validator_cls(document.data)(document.data).iter_errors())
    except Exception as error:  # the validator breaks on some documents that it ought to refuse
        message = f"it cannot be validated: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        yield Finding("lint-invalid", message, place=file.place(""))
        return
    told: set[str] = set()
    for invalid in errors:
        pointer = _pointer(document, list(invalid.absolute_path), invalid.instance, told)
        told.add(pointer)
        if not pointer and (named := _OPERATION.search(invalid.message)):
            pointer = pointer_of(["paths", named[2], named[1]])
        message = invalid.message.split("\n\nFailed validating")[0]
        shown = message if len(message) <= 200 else f"{message[:80]} … {message[-119:]}"
        yield Finding("lint-invalid", f"{pointer or 'the document'}: {shown}", place=file.place(pointer))


def _pointer(document: Document, path: list[str | int], value: Json, told: Set[str]) -> str:
    """Return where the value of an error stands, at best at a place that was not `told` yet.

    The validator tells the path of what is wrong within a schema as if the schema were the document.
    """
    if not path or _at(document.data, path):
        return pointer_of(path)
    places = [
        pointer_of([*above, *path]) for above, schema in schemas(document) if _at(schema, path) == [value]
    ]
    # The same value is as wrong in any other place, where it is an error of its own.
    return next((place for place in places if place not in told), (places or [pointer_of(path)])[0])


def _at(node: Json, path: list[str | int]) -> list[Json]:
    """Return the one value that a path leads to, if any."""
    try:
        for part in path:
            node = node[part]
    except (LookupError, TypeError):
        return []
    return [node]


def _repeated_keys(file: ContractFile) -> Iterator[Finding]:
    """A key that stands twice in a mapping loses one of its values without a word."""
    waiting: list[tuple[tuple[str, ...], yaml.Node]] = [((), file.lines.root)] if file.lines.root else []
    while waiting:
        path, node = waiting.pop()
        seen: dict[str, int] = {}
        for key, first, child in children(node):
            line = first.start_mark.line + 1
            if key in seen:
                pointer = pointer_of([*path, key])
                message = f"{pointer}: the key stands on line {seen[key]} already"
                yield Finding("lint-duplicate-key", message, place=file.lines.at(first, pointer))
            seen.setdefault(key, line)
            waiting.append(((*path, key), child))


def _wrong_examples(
    file: ContractFile, examples: Examples, placed: Iterable[tuple[str, str, object]]
) -> Iterator[Finding]:
    for at, schema, value in placed:
        for within, message in examples.faults(at, schema, value):
            yield Finding(
                "lint-example",
                f"{at}: {within or 'it'}: {message[:300]}",
                place=file.place(at + within),
                advice=f"its schema: {file.place(schema)}",
            )


def _ruled(file: ContractFile, rules: Rules, without: Set[str], severity: Severity) -> Iterator[Finding]:
    for slug, rule in rules.items():
        if slug not in without:
            for pointer, message in rule(file.document):
                advice = (rule.__doc__ or "").partition("\n")[0]
                yield Finding(slug, f"{pointer}: {message}", severity, file.place(pointer), advice)
