"""The facts that an error answer reports, before they have the shape of any contract."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from eqkit.answers.error_shapes.status_texts import title_of
from eqkit.contract.document import pointer_parts
from eqkit.errors import Code, ErrorCode, ErrorObject

_BROKEN_REQUEST = (400, 422)
"""The statuses of a request that breaks its contract; an answer has whichever of them is declared."""


@dataclass(frozen=True, slots=True)
class ReportedError:
    """One error with its id, its status in this answer, and its place taken apart.

    `place` is ``body``, ``query``, ``path``, ``header``, ``cookie``, or empty for none; `parts` are the
    steps to the place within it: member names and indexes, or the one name of a parameter or header. A member
    that is missing is the last of them, where `pointer` leads to its object, since it has to lead somewhere
    (JSON:API 1.1, "Error Objects").
    """

    id: str
    code: ErrorCode
    status: int
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    place: str = ""
    parts: tuple[str | int, ...] = ()

    @property
    def sentence(self) -> str:
        """The detail, with the pointer wherever the detail does not name the place by itself."""
        pointer = self.pointer
        if not pointer or f'"{pointer[1:]}"' in self.detail:
            return self.detail
        return f"{_without_stop(self.detail)} (at {pointer})."

    @property
    def field(self) -> str | None:
        """The place as one name, such as ``items[0].price``; None where it is all of the request."""
        if self.place != "body":
            return str(self.parts[0]) if self.parts else None
        name = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in self.parts)
        return name.removeprefix(".") or None


@dataclass(frozen=True, slots=True)
class Report:
    """The errors of one answer, or some of them, and one sentence about them."""

    status: int
    errors: tuple[ReportedError, ...]
    sentence: str
    is_one: bool = False
    """Whether it is the report of one error in a list of them."""
    is_placed: bool = False
    """Whether the place of the error is said beside the sentence."""
    path: str = ""
    """The path of the request."""

    @property
    def first(self) -> ReportedError:
        """The first error."""
        return self.errors[0]

    def of(self, errors: Sequence[ReportedError], *, is_placed: bool = False) -> "Report":
        """Return the report of some of the errors; `is_placed` if their place is said beside the sentence."""
        is_placed |= self.is_placed
        is_bare = is_placed and len(errors) == 1
        sentence = errors[0].detail if is_bare else joined([each.sentence for each in errors])
        status = errors[0].status if len(errors) == 1 else self.status
        return Report(status, tuple(errors), sentence, True, is_placed, self.path)

    def summarized(self) -> "Report":
        """Return the report with a sentence about the first error and the count of the others."""
        others = len(self.errors) - 1
        if not others:
            return self
        count = "1 more error" if others == 1 else f"{others} more errors"
        return replace(self, sentence=f"{_without_stop(self.first.sentence)} (and {count}).")


def report_of(
    status: int,
    errors: Sequence[tuple[str, ErrorObject]],
    places: Mapping[str, str] | None = None,
    path: str = "",
) -> Report:
    """Return the report of errors and their ids, answered by a status to a request of a path.

    `places` are the places of the parameters by their names; one that it does not name is of the query.
    """
    reported = tuple(_reported(status, each, error, places or {}) for each, error in errors)
    if not reported:
        other = Code.INTERNAL_ERROR if status >= 500 else Code.MALFORMED_REQUEST
        code = next((each for each in Code if each.status == status), other)
        reported = (ReportedError("error", code, status, f"{title_of(status)}."),)
    return Report(status, reported, joined([each.sentence for each in reported]), path=path)


def joined(sentences: Iterable[str]) -> str:
    """Return a text that holds all of some sentences, each once; a single one is returned as it is."""
    several = list(dict.fromkeys(sentences))
    if len(several) == 1:
        return several[0]
    return " ".join(each if each.endswith((".", "?", "!")) else f"{each}." for each in several)


def _without_stop(sentence: str) -> str:
    return sentence.removesuffix(".")


def _reported(status: int, identifier: str, error: ErrorObject, places: Mapping[str, str]) -> ReportedError:
    place, parts = _place_of(error, places)
    return ReportedError(
        identifier,
        error.code,
        _status_of(error.code, status),
        error.detail or f"{error.code.title}.",
        error.pointer,
        error.parameter,
        error.header,
        place,
        parts,
    )


def _status_of(code: ErrorCode, status: int) -> int:
    """Return the status of one error: its own only in an answer whose errors have several (ruling B13)."""
    return code.status if status == 400 and code.status not in _BROKEN_REQUEST else status


def _place_of(error: ErrorObject, places: Mapping[str, str]) -> tuple[str, tuple[str | int, ...]]:
    if error.pointer is not None:
        missing = () if error.missing is None else (error.missing,)
        return "body", (*map(_step, pointer_parts(error.pointer)), *missing)
    if error.parameter is not None:
        return places.get(error.parameter, "query"), (error.parameter,)
    if error.header is not None:
        return "header", (error.header,)
    return "", ()


def _step(part: str) -> str | int:
    """Return a part of a pointer; digits are an index (RFC 6901 4), though they may name a member."""
    is_index = part.isascii() and part.isdecimal() and len(part) < 10 and (part == "0" or part[0] != "0")
    return int(part) if is_index else part
