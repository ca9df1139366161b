"""Values and patterns that a document has to match, and its differences from them."""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import jsonschema_rs

from eqkit.contract.document import escaped, value_at
from eqkit.errors import Code, api_error

DOCUMENT = "/request/document"
"""The pointer of a request's document within its journal entry."""

ABSENT: Any = object()
"""The value of a pointer that leads nowhere."""


class Difference(NamedTuple):
    """One place of an entry that is not as it was wanted; `found` is ABSENT if there is nothing."""

    pointer: str
    expected: Any
    found: Any


@functools.lru_cache(maxsize=256)
def _matcher(pattern: str) -> Callable[[Any], bool]:
    """Compile a regular expression of the linear-time kind: no other can be made to hang the server."""
    schema = {"type": "string", "pattern": pattern}
    return jsonschema_rs.Draft4Validator(schema, pattern_options=jsonschema_rs.RegexOptions()).is_valid


class BodyMatches:
    """Several places of a document (schema ``BodyMatch``), all of which have to be as they say."""

    def __init__(self, places: Sequence[dict[str, Any]], pointer: str) -> None:
        """Take places that stand at `pointer`.

        Raises ApiError for a pattern that is none, and for two values that one place would have to have.
        """
        self._places = places
        values: dict[str, Any] = {}
        for index, place in enumerate(places):
            if "pattern" in place:
                try:
                    _matcher(place["pattern"])
                except jsonschema_rs.ValidationError:
                    message = f'"{place["pattern"][:80]}" is not a regular expression, or one with'
                    detail = f"{message} lookaround or back-references."
                    raise api_error(
                        Code.INVALID_VALUE, detail, pointer=f"{pointer}/{index}/pattern"
                    ) from None
            elif any(
                _value_differences(values.setdefault(place["pointer"], place["value"]), place["value"], "")
            ):
                detail = f'"{place["pointer"][:80]}" cannot have two values at once.'
                raise api_error(Code.INVALID_VALUE, detail, pointer=f"{pointer}/{index}/value")

    def __bool__(self) -> bool:
        """Return whether there is any place to look at."""
        return bool(self._places)

    def match(self, document: Any) -> bool:
        """Return whether a document has all of it."""
        return next(self.differences(document), None) is None

    def differences(self, document: Any) -> Iterator[Difference]:
        """Yield each place where a document is not as it was wanted."""
        for each in self._places:
            pointer, pattern = each["pointer"], each.get("pattern")
            found, place = value_at(document, pointer, ABSENT), DOCUMENT + pointer
            if pattern is None:
                yield from _value_differences(each.get("value"), found, place)
            elif not (isinstance(found, str) and _matcher(pattern)(found)):
                yield Difference(place, f"a text that matches {pattern}", found)


def _value_differences(expected: Any, found: Any, pointer: str) -> Iterator[Difference]:
    """Yield the innermost places where two values differ; true is no 1 (and 1.0 is)."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in dict.fromkeys((*expected, *found)):
            here = f"{pointer}/{escaped(name)}"
            yield from _value_differences(expected.get(name, ABSENT), found.get(name, ABSENT), here)
    elif isinstance(expected, list) and isinstance(found, list):
        for index in range(max(len(expected), len(found))):
            one, other = (values[index] if index < len(values) else ABSENT for values in (expected, found))
            yield from _value_differences(one, other, f"{pointer}/{index}")
    elif expected != found or isinstance(expected, bool) != isinstance(found, bool):
        yield Difference(pointer, expected, found)
