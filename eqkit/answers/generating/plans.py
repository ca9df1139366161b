"""The plans for the schemas of one document, each made when it is first needed."""

from collections.abc import Sequence
from typing import Any

import jsonschema_rs

from eqkit.answers.generating.conjunctions import Conjunction
from eqkit.answers.generating.failures import Unfit
from eqkit.answers.generating.origins import Origin, Origins
from eqkit.answers.generating.plan import Plan, Validate
from eqkit.contract.document import Json
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.formats import FORMATS
from eqkit.contract.schemas.translation import Translation


class Plans:
    """The plans for the schemas of one translation, each made when it is first needed."""

    def __init__(self, translation: Translation, direction: Direction) -> None:
        """Take the schemas, and the direction that values travel in."""
        self.origins = Origins(translation)
        self.hidden = () if direction is Direction.EITHER else direction.optional_keywords
        """The keywords of members that only the other side sends."""
        self._translation = translation
        self._known: dict[tuple[bool, tuple[Any, ...]], Plan] = {}
        self._validates: dict[tuple[int, ...], tuple[list[Json], Validate]] = {}
        """Compiled schemas by their identities, beside those schemas, which keep their identities so."""

    def plan(self, parts: Sequence[Origin], *, is_strict: bool) -> "Plan":
        """Return the plan for values that are valid by some schemas together."""
        stated = {
            part.key: part for part in map(self.origins.followed, parts) if part.schema not in (True, {})
        }
        key = (is_strict, tuple(stated))
        if key not in self._known:
            conjunction, unfit = Conjunction(self.origins, is_strict=is_strict), None
            try:
                conjunction.add(stated.values())
            except Unfit as error:
                unfit = error
            self._known[key] = Plan(self, tuple(stated.values()), conjunction, unfit)
        return self._known[key]

    def validate(self, parts: Sequence[Origin]) -> Validate:
        """Return the compiled form of some schemas together."""
        schemas = [part.schema for part in map(self.origins.followed, parts)]
        key = tuple(map(id, schemas))
        if key not in self._validates:
            whole = schemas[0] if len(schemas) == 1 else {"allOf": schemas}
            compiled = jsonschema_rs.Draft202012Validator(
                whole, registry=self._translation.registry, formats=FORMATS, validate_formats=True
            )
            self._validates[key] = schemas, compiled.is_valid
        return self._validates[key][1]
