"""Values and patterns that have to stand in a document: where they do not, and what stands there instead."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jsonschema_rs

from eqkit.contract.document import escaped, value_at
from eqkit.errors import Code, refusal

DOCUMENT = "/request/document"
"""The pointer of a request's document within its journal entry."""

ABSENT: Any = object()
"""What a pointer leads to where there is nothing."""


class Difference(NamedTuple):
    """One place of an entry that is not as it was wanted; `found` is ABSENT where there is nothing."""

    pointer: str
    expected: Any
    found: Any


class Pattern:
    """A regular expression of the linear-time kind, so that nobody can make the server hang with one."""

    def __init__(self, text: str, pointer: str) -> None:
        """Compile a text; raises Refusal at `pointer` for one that is no such expression."""
        schema = {"type": "string", "pattern": text}
        try:
            validator = jsonschema_rs.Draft4Validator(schema, pattern_options=jsonschema_rs.RegexOptions())
        except jsonschema_rs.ValidationError:
            detail = f'"{text[:80]}" is not a regular expression, or one with lookaround or back-references.'
            raise refusal(Code.INVALID_VALUE, detail, pointer=pointer) from None
        self.text = text
        self.matches = validator.is_valid


class BodyMatches:
    """Several places of a document (schema ``BodyMatch``), all of which have to be as they say."""

    def __init__(self, places: Sequence[dict[str, Any]], pointer: str) -> None:
        """Take places that stand at `pointer`; raises Refusal for a pattern that is none."""
        self._places: list[tuple[str, Any, Pattern | None]] = []
        for index, place in enumerate(places):
            pattern = None
            if "pattern" in place:
                pattern = Pattern(place["pattern"], f"{pointer}/{index}/pattern")
            self._places.append((place["pointer"], place.get("value"), pattern))

    def __bool__(self) -> bool:
        """Tell whether there is any place to look at."""
        return bool(self._places)

    def match(self, document: Any) -> bool:
        """Tell whether a document has all of it."""
        return next(self.differences(document), None) is None

    def differences(self, document: Any) -> Iterator[Difference]:
        """Yield each place where a document is not as it was wanted."""
        for pointer, value, pattern in self._places:
            found, place = value_at(document, pointer, ABSENT), DOCUMENT + pointer
            if pattern is None:
                yield from _value_differences(value, found, place)
            elif not (isinstance(found, str) and pattern.matches(found)):
                yield Difference(place, f"a text that matches {pattern.text}", found)


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
