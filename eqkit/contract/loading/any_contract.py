"""Any OpenAPI document, loaded such that it can be served."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eqkit.contract.document import Document, Json
from eqkit.contract.loading.other_files import with_other_files
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.repairs import Repair, repaired
from eqkit.contract.loading.source_map import ContractFile, SourceMap
from eqkit.contract.loading.source_texts import SourceText, read_file
from eqkit.errors import ContractError

_TELLING = ("openapi", "paths", "webhooks", "components")
"""A document has one of these members at least."""


@dataclass(frozen=True)
class Loaded:
    """A document that can be served, and all there is to tell about it."""

    document: Document
    title: str
    repairs: list[Repair]
    warnings: list[str]
    files: tuple[Path, ...]
    """All files that the document was made of: those to watch for changes."""
    place: Callable[[str], Place]
    """Returns the file, line and column of a JSON pointer of the document, as it was written."""


def load_any(where: str, *, strict: bool = False) -> Loaded:
    """Load a document of OpenAPI 3.0, 3.1 or 3.2 from a file, with the files that it refers to.

    A sloppy document is repaired, and the repairs are listed; if `strict`, it is refused. Raises
    ContractError, with one line, for one that cannot be served; if `strict`, with a line for each repair.
    """
    source = read_file(Path(where))
    _refuse_others(source)
    whole = with_other_files(source)
    document = Document(
        whole.data, None if whole.others else source.text.encode(), whole.others, whole.refused
    )
    file = ContractFile(document, SourceMap.of(source))
    mended = repaired(document, file.place, title=source.file.stem, strict=strict)
    return Loaded(
        mended.document,
        str(mended.document.data["info"]["title"]),
        mended.repairs,
        mended.warnings,
        (source.file, *(each.file for each in whole.others.values())),
        lambda pointer: file.place(mended.written(pointer)),
    )


def _refuse_others(source: SourceText) -> None:
    """Raise ContractError for a document of another kind, with a word on how to proceed."""
    data: Json = source.data
    if not isinstance(data, dict):
        raise ContractError(f"{source.file}: not an OpenAPI document: it is no object")
    if "swagger" in data and not isinstance(data.get("openapi"), str):
        advice = f"convert it, such as by `npx swagger2openapi {source.file} -o openapi.yaml`"
        raise ContractError(f"{source.file}: Swagger {str(data['swagger'])[:20]} is not served: {advice}")
    for member, name in (("asyncapi", "AsyncAPI"), ("arazzo", "Arazzo"), ("overlay", "an OpenAPI Overlay")):
        if member in data and "openapi" not in data:
            raise ContractError(f"{source.file}: not an OpenAPI document: it is {name}")
    if not any(name in data for name in _TELLING):
        raise ContractError(f"{source.file}: not an OpenAPI document: there is no member `openapi`")
