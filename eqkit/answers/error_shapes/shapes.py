"""The shape of the errors of one status: its schema, compiled, and the ways to a document that it accepts."""

import collections
import contextlib
import functools
from collections.abc import Callable
from typing import Any

from eqkit.answers.error_shapes.compiling import ShapeCompiler, ShapeTooLarge
from eqkit.answers.error_shapes.fillers import OMIT, Extent, Filler, copied
from eqkit.answers.error_shapes.leaves import Context, Leaves
from eqkit.answers.error_shapes.names import Role
from eqkit.answers.error_shapes.problems import json_api_document, problem_document
from eqkit.answers.error_shapes.reports import Report, report_of
from eqkit.contract.document import Json
from eqkit.contract.media_types import JSON_API, essence
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.errors import Code, ErrorObject

MAX_OVERLAID = 24
"""How many parts of a report are tried in a document that was made of the schema alone."""

_SAMPLE = (
    ("error-1", ErrorObject(Code.WRONG_TYPE, '"name" must be a string, not a number.', pointer="/name")),
    ("error-2", ErrorObject(Code.INVALID_PARAMETER, '"limit" must be at most 100.', parameter="limit")),
)

Path = tuple[str | int, ...]


class ErrorShape:
    """The errors of one status in one media type."""

    def __init__(
        self,
        schemas: DirectedSchemas,
        pointer: str,
        media_type: str,
        status: int,
        make_value: Callable[[str], Json],
    ) -> None:
        """Compile the schema at a pointer.

        `make_value` returns a value for a schema, made of nothing but it, or OMIT if it finds none.
        """
        self._pointer = pointer
        self.accepts = schemas.validator(pointer).is_valid
        """Return whether a document is valid by the schema."""
        self._make_value = make_value
        kind = essence(media_type) or ""
        make_document = json_api_document if kind == JSON_API else problem_document
        leaves = Leaves(schemas, self._value_by_all, make_document)
        sample = report_of(status, _SAMPLE)
        context = Context(is_problem=kind.startswith("application/problem"))
        fillers: list[Filler] = []
        with contextlib.suppress(ShapeTooLarge):
            for is_eager in (False, True):
                compiler = ShapeCompiler(schemas, leaves, sample, is_eager=is_eager)
                found = compiler.compiled((pointer,), Role.TEXT, context)
                if found is not None and (found.has_text or not fillers):
                    fillers.insert(0, found)
                if fillers and fillers[0].has_text:
                    break
        self._fillers = [(each, each.has_list) for each in fillers]

    def _value_by_all(self, pointers: tuple[str, ...]) -> Json:
        """Return a value for schemas that all apply; it is made of one of them."""
        return next((found for each in pointers if (found := self._make_value(each)) is not OMIT), OMIT)

    @functools.cached_property
    def _base(self) -> Json:
        """A valid document made of the schema alone, with one error if it may; OMIT if there is none."""
        made = self._make_value(self._pointer)
        if made is OMIT:
            return OMIT
        short = _shortened(made)
        return short if self.accepts(short) else made

    def document(self, report: Report) -> Json:
        """Return a valid document for a report; OMIT if none is found.

        All members that have a part are in it, or if it is not valid so, fewer of them, or else those that a
        document made of the schema has room for.
        """
        for filler, has_list in self._fillers:
            summarized = report.summarized() if has_list else report
            for extent in (Extent.FULL, Extent.LEAN, Extent.REQUIRED):
                value = filler.fill(summarized if extent else report, extent)
                if value is not OMIT and self.accepts(value):
                    return value
        return OMIT if self._base is OMIT else self.overlaid(self._base, report)

    def overlaid(self, base: Json, report: Report) -> Json:
        """Return a copy of a valid document with those parts of a report in it that it stays valid with.

        The larger parts are tried first, so that nothing that was made up is left in a list of errors.
        """
        document = copied(base)
        value = self._fillers[0][0].fill(report, Extent.FULL) if self._fillers else OMIT
        waiting: collections.deque[tuple[Path, Json]] = collections.deque([((), value)])
        for _ in range(MAX_OVERLAID):
            if not waiting:
                break
            path, part = waiting.popleft()
            changed = _with(document, path, part)
            if changed is not OMIT and self.accepts(changed):
                document = changed
            elif isinstance(part, dict):
                waiting.extend(((*path, name), member) for name, member in part.items())
            elif isinstance(part, list):
                waiting.extend(((*path, index), item) for index, item in enumerate(part))
        return document


def _shortened(value: Json) -> Json:
    """Return a value with one item in each list, since nothing is known of any error but the first."""
    if isinstance(value, dict):
        return {name: _shortened(member) for name, member in value.items()}
    return [_shortened(each) for each in value[:1]] if isinstance(value, list) else value


def _with(document: Json, path: Path, leaf: Json) -> Json:
    """Return a copy with a value at a path; OMIT if nothing that could hold it stands there."""
    if not path:
        return leaf
    step, rest = path[0], path[1:]
    if isinstance(document, dict) and isinstance(step, str):
        below = document.get(step, {} if rest and isinstance(rest[0], str) else OMIT)
    elif isinstance(document, list) and isinstance(step, int) and step < len(document):
        below = document[step]
    else:
        return OMIT
    changed = _with(below, rest, leaf)
    if changed is OMIT:
        return OMIT
    copy: Any = document.copy()
    copy[step] = changed
    return copy
