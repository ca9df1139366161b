"""Sloppy documents, made such that they can be served: each repair is told, and nothing else is changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eqkit.contract.document import Document, pointer_of, pointer_parts
from eqkit.contract.kinds import Kind
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.repairing import messages, paths, whole
from eqkit.contract.loading.repairing.forms import Rules, forms
from eqkit.contract.loading.repairing.mending import Mender
from eqkit.contract.loading.repairing.schema_faults import schema_faults
from eqkit.contract.loading.source_texts import Survey, survey
from eqkit.errors import ContractError


@dataclass(frozen=True, slots=True)
class Repair:
    """One fault of a document, and the way in which it is served all the same; `rule` is a stable slug."""

    place: Place
    rule: str
    message: str

    def __str__(self) -> str:
        """Return the line: place and message."""
        return f"{self.place}: {self.message}"


class Mended(NamedTuple):
    """A document as it can be served, the repairs that it took, and the places of its parts as written."""

    document: Document
    repairs: list[Repair]
    warnings: list[str]
    written: Callable[[str], str]
    """Returns the pointer in the document as it was written of one in the repaired document."""


_FORMS = forms(Rules(
    before={
        Kind.OPENAPI: whole.openapi, Kind.PATHS: paths.paths, Kind.PATH_ITEM: paths.path_item,
        Kind.RESPONSES: messages.responses, Kind.PARAMETER: messages.examples,
        Kind.HEADER: messages.examples, Kind.MEDIA_TYPE: messages.examples, Kind.EXAMPLE: messages.example,
    },
    after={
        Kind.INFO: whole.info, Kind.SERVER: whole.server, Kind.SERVER_VARIABLE: whole.server_variable,
        Kind.SECURITY_REQUIREMENT: whole.security_requirement, Kind.SECURITY_SCHEME: whole.security_scheme,
        Kind.PATHS: paths.templated, Kind.OPERATION: paths.operation, Kind.PARAMETER: messages.parameter,
        Kind.HEADER: messages.header, Kind.REQUEST_BODY: messages.request_body,
        Kind.RESPONSE: messages.response,
    },
    shorthands={
        Kind.SERVER: whole.bare_server, Kind.TAG: whole.bare_tag, Kind.RESPONSE: messages.bare_response,
        Kind.EXAMPLE: messages.bare_example,
    },
))  # fmt: skip


def repaired(
    document: Document,
    place: Callable[[str], Place],
    found: Survey | None = None,
    lost: Sequence[Repair] = (),
    *,
    title: str = "",
    strict: bool = False,
) -> Mended:
    """Return a document that every part of eqkit can work with, and the repairs that it took.

    Every object that OpenAPI has a name for is of its type, behind references, too. What is well is shared
    with the given document. `place` tells where a pointer leads, `found` are the references and patterns of
    the document, if they are known, `lost` are the repairs that it took to read it, and `title` is the title
    of a document without one.
    Raises ContractError for a document that cannot be served, and if `strict` for one that needs a repair.
    """
    mender = Mender(document, title, _FORMS)
    data = mender.mended()
    notes = mender.notes
    if notes.refusals:
        raise ContractError(
            _lines([f"{place(pointer_of(path))}: {message}" for path, message in notes.refusals])
        )
    if data is not document.data:
        document = Document(data, None, document.others, document.refused)
    for path, message in schema_faults(
        document, found or survey(document.data), is_sure=not mender.has_doubtful_schemas
    ):
        notes.repair("schema", path, message)
    noted = (Repair(place(pointer_of(path)), rule, message) for rule, path, message in notes.repairs)
    repairs = [*lost, *noted]
    repairs.sort(key=lambda each: (str(each.place.file), each.place.line or 0))
    if strict and repairs:
        raise ContractError(_lines([*map(str, repairs)], limit=len(repairs)))
    return Mended(document, repairs, _warnings(mender), lambda pointer: _written(mender, pointer))


def _lines(faults: Sequence[str], limit: int = 1) -> str:
    """Return the first faults, one a line, and the number of the others."""
    shown, rest = faults[:limit], len(faults) - limit
    return "\n".join(shown) + (f" (and {rest} more like it)" if rest > 0 else "")


def _warnings(mender: Mender) -> list[str]:
    first = next(iter(mender.nameless), None)
    if first is None:
        return []
    count = len(mender.nameless)
    subject = "1 operation has" if count == 1 else f"{count} operations have"
    example = f"{first[-1].upper()} {first[-2]}"
    return [f"{subject} no operationId: a method and a path are the name, such as {example}"]


def _written(mender: Mender, pointer: str) -> str:
    return pointer_of(mender.notes.written(tuple(pointer_parts(pointer.removeprefix("#")))))
