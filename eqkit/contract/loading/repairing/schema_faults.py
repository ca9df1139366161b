"""The keywords of schemas by which nothing can be validated, and which the engine leaves out."""

from collections.abc import Iterator

from eqkit.contract.document import Document, pointer_parts
from eqkit.contract.loading.repairing.notes import Path
from eqkit.contract.loading.source_texts import Survey
from eqkit.contract.schemas.patterns import PatternError, translated_pattern
from eqkit.contract.schemas.registry import Schemas


def schema_faults(document: Document, found: Survey, *, is_sure: bool) -> Iterator[tuple[Path, str]]:
    """Yield the path and the fault of each keyword of a schema that is left out.

    If `is_sure` that no keyword has a wrong value, the references and patterns that were found can be broken
    alone. The engine has to translate every schema, and is asked only if it has to be.
    """
    if is_sure and _is_whole(document, found):
        return
    for each in Schemas(document).broken():
        path = tuple(pointer_parts(each.pointer))
        is_reference = path[-1:] in (("$ref",), ("$dynamicRef",))
        yield path, f"{each.message}: it {'stands for anything' if is_reference else 'is left out'}"


def _is_whole(document: Document, found: Survey) -> bool:
    """Return whether all references of a document lead to a place in it, and all patterns are such."""
    targets = (document.target({"$ref": each}) for each in found.references)
    return all(each is not None for each in targets) and all(map(_is_pattern, found.patterns))


def _is_pattern(pattern: str) -> bool:
    try:
        translated_pattern(pattern)
    except PatternError:
        return False
    return True
