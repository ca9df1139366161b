"""The keywords of schemas by which nothing can be validated, and which the engine leaves out."""

from collections.abc import Iterator

from eqkit.contract.document import Document, Json, pointer_parts
from eqkit.contract.loading.repairing.notes import Path
from eqkit.contract.schemas.patterns import PatternError, translated_pattern
from eqkit.contract.schemas.registry import Schemas


def schema_faults(document: Document, *, is_sure: bool) -> Iterator[tuple[Path, str]]:
    """Yield the path and the fault of each keyword of a schema that is left out.

    If `is_sure` that no keyword has a wrong value, references and patterns alone can be broken, which a walk
    over the document tells. The engine has to translate every schema, and is asked only if it has to be.
    """
    if is_sure and _is_whole(document):
        return
    for each in Schemas(document).broken():
        path = tuple(pointer_parts(each.pointer))
        is_reference = path[-1:] in (("$ref",), ("$dynamicRef",))
        yield path, f"{each.message}: it {'stands for anything' if is_reference else 'is left out'}"


def _is_whole(document: Document) -> bool:
    """Return whether all references of a document lead to a place in it, and all patterns are such."""
    references, patterns = _references_and_patterns(document.data)
    return all(document.target({"$ref": each}) for each in references) and all(map(_is_pattern, patterns))


def _references_and_patterns(data: Json) -> tuple[set[str], set[str]]:
    """Return the texts of all references and patterns, those in data included."""
    references: set[str] = set()
    patterns: set[str] = set()
    waiting = [data]
    while waiting:
        node = waiting.pop()
        if type(node) is dict:
            if "$ref" in node and isinstance(node["$ref"], str):
                references.add(node["$ref"])
            if "pattern" in node and isinstance(node["pattern"], str):
                patterns.add(node["pattern"])
            if "patternProperties" in node and isinstance(node["patternProperties"], dict):
                patterns.update(node["patternProperties"])
            waiting += [each for each in node.values() if type(each) in (dict, list)]
        else:
            waiting += [each for each in node if type(each) in (dict, list)]
    return references, patterns


def _is_pattern(pattern: str) -> bool:
    try:
        translated_pattern(pattern)
    except PatternError:
        return False
    return True
