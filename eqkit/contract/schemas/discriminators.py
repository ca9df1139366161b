"""Of several alternatives, the one that a value was meant to be."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from eqkit.contract.schemas.translation import Translation


def meant(
    error: Any, location: str, branches: Sequence[Sequence[Any]], translation: Translation
) -> Sequence[Any] | None:
    """Return the errors by the alternative that was meant, where that is plain.

    `location` is that of the keyword whose alternatives did not fit. A discriminator names the alternative.
    Else it is the only one that is not ruled out by a constant or by its type.
    """
    named = _by_discriminator(error, unquote(location), translation)
    if named is not None and named < len(branches) and branches[named]:
        return branches[named]
    likely = [branch for branch in branches if not _is_another(branch, error)]
    return likely[0] if len(likely) == 1 and likely[0] else None


def _by_discriminator(error: Any, location: str, translation: Translation) -> int | None:
    """Return the index of the alternative that the discriminator beside the keyword names."""
    schema = translation.schema(location.rpartition("/")[0])
    match schema.get("discriminator"), error.instance:
        case {"propertyName": str(name), **rest}, dict() as value if isinstance(value.get(name), str):
            mapping = rest.get("mapping")
            chosen = value[name]
            named = mapping.get(chosen, chosen) if isinstance(mapping, dict) else chosen
            targets = translation.discriminated(str(named))
            alternatives = schema[location.rpartition("/")[2]]
            references = [each.get("$ref") if isinstance(each, dict) else None for each in alternatives]
            return next((index for index, each in enumerate(references) if each in targets), None)
    return None


def _is_another(branch: Sequence[Any], error: Any) -> bool:
    """Return whether an alternative was not meant: its kind is another, or its type is."""
    for each in branch:
        keyword = each.schema_path[-1]
        if keyword in ("const", "enum") or (keyword == "type" and each.instance_path == error.instance_path):
            return True
    return False
