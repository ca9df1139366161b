"""The values that a member of an error document may have by its part, the best first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import quote
from uuid import UUID

from eqkit.answers.error_shapes.codes import OAUTH, fitting_number, fitting_text, spelt, words_of
from eqkit.answers.error_shapes.fillers import field_name
from eqkit.answers.error_shapes.names import Role
from eqkit.answers.error_shapes.problems import fragment
from eqkit.answers.error_shapes.reports import Report
from eqkit.answers.error_shapes.status_texts import RPC_CODES, rpc_name, title_of
from eqkit.contract.document import Json, escaped

_KIND_WORDS = frozenset(
    ("error", "errors", "list", "fail", "failed", "failure", "exception", "problem", "object")
)
"""The words of a document's kind that says nothing but that it is an error."""


MAX_LISTED = 1_000
"""Among how many of the values that a contract lists for a member the fitting one is looked for."""


@dataclass(frozen=True, slots=True)
class Hints:
    """The statements of a contract about a text or number, besides its type.

    In a document that `is_problem`, `title` and `pointer` are those of RFC 9457, and one that `is_oauth` has
    the codes of RFC 6749.
    """

    examples: Sequence[Json] = ()
    spelling: str | None = None
    """The spelling of a code, by its examples."""
    max_length: int | None = None
    is_problem: bool = False
    is_oauth: bool = False


Maker = Callable[[Report, Hints], Iterable[Json]]


def _texts(report: Report, hints: Hints) -> Iterator[Json]:
    several = (report.sentence, report.first.detail, report.first.code.title, title_of(report.status))
    for text in several:
        yield _cut(text, hints.max_length)


def _cut(text: str, length: int | None) -> str:
    if length is None or len(text) <= length:
        return text
    return f"{text[: length - 1]}…" if length else ""


def _titles(report: Report, hints: Hints) -> Iterator[Json]:
    phrase = title_of(report.status)
    is_phrase = hints.is_problem or (len(report.errors) > 1 and not report.is_one)
    several = (phrase, report.first.code.title) if is_phrase else (report.first.code.title, phrase)
    for text in several:
        yield _cut(text, hints.max_length)


def _phrases(report: Report, hints: Hints) -> Iterator[Json]:
    for text in (title_of(report.status), report.first.code.title):
        yield _cut(text, hints.max_length)


def _codes(report: Report, hints: Hints) -> Iterator[Json]:
    if hints.is_oauth:
        yield OAUTH.get(report.status, "invalid_request")
    if any(isinstance(each, str) and each.isdecimal() and len(each) == 3 for each in hints.examples):
        yield str(report.status)
    first = report.first.code.slug
    yield from spelt(first, report.status, hints.spelling)


def _kinds(report: Report, hints: Hints) -> Iterator[Json]:
    for each in hints.examples:
        if isinstance(each, str) and {*words_of(each)} <= _KIND_WORDS:
            yield each
        elif isinstance(each, str) and each.isdecimal() and len(each) == 3:
            yield str(report.status)
    yield "error"
    yield "fail"


def _statuses(report: Report, hints: Hints) -> Iterator[Json]:
    yield report.status
    yield report.first.status


def _status_texts(report: Report, hints: Hints) -> Iterator[Json]:
    yield str(report.status)
    yield f"{report.status} {title_of(report.status)}"
    yield title_of(report.status)


def _ids(report: Report, hints: Hints) -> Iterator[Json]:
    yield report.first.id
    yield str(_uuid(report.first.id))


def _uuid(identifier: str) -> UUID:
    """Return a UUID that follows from an id: the same on every machine."""
    digest = blake2b(identifier.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return UUID(bytes=digest, version=4)


def _instances(report: Report, hints: Hints) -> Iterator[Json]:
    yield "#" + quote(report.first.id)
    yield f"urn:uuid:{_uuid(report.first.id)}"


def _targets(report: Report, hints: Hints) -> Iterator[Json]:
    if report.path:
        yield report.path


def _fields(report: Report, hints: Hints) -> Iterator[Json]:
    if report.first.field is not None:
        yield report.first.field
        yield str(report.first.parts[-1])


def _pointers(report: Report, hints: Hints) -> Iterator[Json]:
    pointer = report.first.pointer
    if pointer is not None:
        is_fragment = hints.is_problem or any(str(each).startswith("#") for each in hints.examples)
        yield from (fragment(pointer), pointer) if is_fragment else (pointer, fragment(pointer))


def _parameters(report: Report, hints: Hints) -> Iterator[Json]:
    if report.first.parameter is not None:
        yield report.first.parameter


def _headers(report: Report, hints: Hints) -> Iterator[Json]:
    if report.first.header is not None:
        yield report.first.header


def _places(report: Report, hints: Hints) -> Iterator[Json]:
    place = report.first.place
    if place:
        yield from (place, place.upper(), place.capitalize())
    if place in ("query", "path", "cookie"):
        yield "parameter"


def _severities(report: Report, hints: Hints) -> Iterator[Json]:
    yield from ("error", "ERROR", "Error")


def _steps(report: Report, hints: Hints) -> Iterator[Json]:
    """Yield the steps to the place, with the part of the request (FastAPI), then without."""
    first = report.first
    if first.place:
        for steps in ([first.place, *first.parts], [*first.parts]):
            yield steps
            yield list(map(str, steps))


def _steps_alone(report: Report, hints: Hints) -> Iterator[Json]:
    """Yield the steps to the place within its part of the request (Zod, GraphQL)."""
    if report.first.place:
        yield [*report.first.parts]
        yield list(map(str, report.first.parts))


def _field_lists(report: Report, hints: Hints) -> Iterator[Json]:
    yield list(dict.fromkeys(field_name(each) for each in report.errors))


def _text_lists(report: Report, hints: Hints) -> Iterator[Json]:
    several = report.errors
    yield [_cut(each.detail if report.is_placed else each.sentence, hints.max_length) for each in several]


MAKERS: Mapping[tuple[Role, str], Maker] = {
    (Role.TEXT, "string"): _texts,
    (Role.TEXT, "array"): _text_lists,
    (Role.ERRORS, "string"): _texts,
    (Role.WRAPPER, "string"): _texts,
    (Role.TITLE, "string"): _titles,
    (Role.PHRASE, "string"): _phrases,
    (Role.CODE, "string"): _codes,
    (Role.CODE, "integer"): _statuses,
    (Role.KIND, "string"): _kinds,
    (Role.STATUS, "integer"): _statuses,
    (Role.STATUS, "string"): _status_texts,
    (Role.RPC_STATUS, "string"): lambda report, hints: [rpc_name(report.status)],
    (Role.RPC_CODE, "integer"): lambda report, hints: [RPC_CODES[rpc_name(report.status)]],
    (Role.RPC_TYPE, "string"): lambda report, hints: ["type.googleapis.com/google.rpc.BadRequest"],
    (Role.TARGET, "string"): _targets,
    (Role.TYPE_URI, "string"): lambda report, hints: ["about:blank"],
    (Role.INSTANCE, "string"): _instances,
    (Role.ID, "string"): _ids,
    (Role.SUCCESS, "boolean"): lambda report, hints: [False, True],
    (Role.FAILURE, "boolean"): lambda report, hints: [True, False],
    (Role.SEVERITY, "string"): _severities,
    (Role.FIELD, "string"): _fields,
    (Role.FIELD, "array"): _field_lists,
    (Role.POINTER, "string"): _pointers,
    (Role.PARAMETER, "string"): _parameters,
    (Role.HEADER, "string"): _headers,
    (Role.IN, "string"): _places,
    (Role.STEPS, "array"): _steps,
    (Role.STEPS, "string"): _fields,
}
"""The makers of candidates by the part and the type of a member."""

STEPS_ALONE: Maker = _steps_alone

_EXACT = frozenset(
    (Role.FIELD, Role.POINTER, Role.PARAMETER, Role.HEADER, Role.IN, Role.STEPS, Role.INSTANCE)
)
"""Parts that a value which means anything else cannot play."""

_BY_FIT = frozenset((Role.TEXT, Role.TITLE, Role.PHRASE, Role.CODE, Role.KIND, Role.ERRORS, Role.WRAPPER))
"""Parts that the listed value plays which is nearest to the error."""


def always(role: Role, maker: Maker) -> Maker:
    """Return the maker of a place that has to be said, though the error may be of no place of that kind."""
    if role not in (Role.FIELD, Role.PARAMETER, Role.HEADER, Role.POINTER):
        return maker

    def make(report: Report, hints: Hints) -> Iterator[Json]:
        yield from maker(report, hints)
        first = report.first
        if role is Role.POINTER and first.parts:
            pointer = "".join(f"/{escaped(str(each))}" for each in (first.place, *first.parts))
            yield from (fragment(pointer), pointer) if hints.is_problem else (pointer, fragment(pointer))
        elif role is Role.POINTER:
            yield ""
        else:
            yield field_name(first)

    return make


def enumerated(values: Sequence[Json], role: Role | None, kind: str) -> Maker:
    """Return the maker of values that a contract lists: the one that fits, else the first."""
    texts = tuple(each for each in values[:MAX_LISTED] if isinstance(each, str))
    first = [each for each in values if each is not None][:1]
    own = MAKERS.get((role, kind)) if role is not None and role not in _BY_FIT else None

    def make(report: Report, hints: Hints) -> Iterator[Json]:
        yield from own(report, hints) if own is not None else ()
        if role in _EXACT:
            return
        if kind == "integer" and (number := fitting_number(values, report.status)) is not None:
            yield number
        if kind == "string" and (text := fitting_text(texts, report.first.code.slug, report.status)):
            yield text
        yield from first

    return make
