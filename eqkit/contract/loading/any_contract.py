"""Any OpenAPI document, loaded such that it can be served."""

import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from eqkit.contract.document import Document, Json
from eqkit.contract.loading.other_files import with_other_files
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.repairing.notes import quoted
from eqkit.contract.loading.repairing.repeated_keys import repeated_keys
from eqkit.contract.loading.repairs import Repair, repaired
from eqkit.contract.loading.source_map import ContractFile, SourceMap
from eqkit.contract.loading.source_texts import NAMES, SourceText, read_file, survey
from eqkit.errors import ContractError

if TYPE_CHECKING:
    from eqkit.contract.loading.fetching import Fetcher

_OLD_NAMES = ("swagger.yaml", "swagger.yml", "swagger.json")
_STANDS_TWICE = "stands on line %d of the same object already: the last one counts"
_TELLING = ("openapi", "paths", "webhooks", "components")
"""A document has one of these members at least."""


@dataclass(frozen=True)
class Loaded:
    """A document that can be served, and all there is to tell about it."""

    document: Document
    title: str
    repairs: list[Repair]
    warnings: list[str]
    """Lines about the document that are no repairs, such as an overlay that changes nothing."""
    files: tuple[Path, ...]
    """All files that the document was made of. None is in the cache."""
    unread: Mapping[Path, str]
    """The files that it names and that cannot be read, with the reasons: nothing is served there."""
    place: Callable[[str], Place]
    """Returns the file, line and column of a JSON pointer of the document, as it was written."""


def load_any(
    where: str, *, overlays: Sequence[Path | str] = (), strict: bool = False, allow_remote: bool = False
) -> Loaded:
    """Load a document of OpenAPI 3.0, 3.1 or 3.2, with the files that it refers to and with overlays.

    `where` is a file, a folder with an `openapi.yaml`, or an address of the web, which is fetched once and
    cached. References are followed within the folder of the document; to the web, if `allow_remote`. A sloppy
    document is repaired, and the repairs are listed; if `strict`, it is refused. Raises ContractError, with
    one line, for one that cannot be served; if `strict`, with a line for each repair.
    """
    with _without_collector():
        fetcher = _fetcher() if allow_remote or _is_address(where) else None
        address = where if _is_address(where) else ""
        source = read_file(fetcher.fetch(address) if address and fetcher else _file(where))
        _refuse_others(source)
        source, warnings = _overlaid(source, [Path(each) for each in overlays])
        whole = with_other_files(source, address, _reader(fetcher) if fetcher and allow_remote else None)
        found = source.survey
        if whole.others:
            try:
                found = survey(whole.data)
            except ContractError as error:
                raise ContractError(f"{source.file}: with its other files, {error}") from None
        content = None if whole.others or overlays else source.content
        file = ContractFile(Document(whole.data, content, whole.others, whole.refused), SourceMap.of(source))
        lost = [
            Repair(each.place, "duplicate-key", f"{quoted(each.name)} {_STANDS_TWICE % each.first_line}")
            for each in repeated_keys(file)
        ]
        mended = repaired(file.document, file.place, found, lost, title=source.file.stem, strict=strict)
    local = [each.file for name, each in whole.others.items() if not _is_address(name)]
    folder = source.file.parent
    unread = {folder / name: why for name, why in whole.unread.items() if not _is_address(name)}
    warnings += [*(fetcher.warnings if fetcher else ()), *mended.warnings]
    if not allow_remote:
        warnings += _not_fetched(whole.refused)
    return Loaded(
        mended.document,
        str(mended.document.data["info"]["title"]),
        mended.repairs,
        warnings,
        (*(() if address else (source.file,)), *local, *map(Path, overlays)),
        unread,
        lambda pointer: file.place(mended.written(pointer)),
    )


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the collector of garbage, which would look through all that is made again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_address(where: str) -> bool:
    return where.lower().startswith(("http://", "https://"))


def _fetcher() -> "Fetcher":
    # Imported here, since only documents from the web wait for it.
    from eqkit.contract.loading.fetching import Fetcher

    return Fetcher()


def _reader(fetcher: "Fetcher") -> Callable[[str], SourceText]:
    return lambda address: read_file(fetcher.fetch(address))


def _file(where: str) -> Path:
    """Return the file of a document; raises ContractError for a folder without one."""
    if "://" in where:
        raise ContractError(f"{where:.200}: not an address that is fetched; a path, http or https is wanted")
    path = Path(where)
    if not path.is_dir():
        return path
    for name in (*NAMES, *_OLD_NAMES):
        if (path / name).is_file():
            return path / name
    raise ContractError(f"{path}: there is no {', '.join(NAMES[:-1])} or {NAMES[-1]} in this folder")


def _overlaid(source: SourceText, overlays: Sequence[Path]) -> tuple[SourceText, list[str]]:
    """Return a file with overlays applied to its data, and warnings of those that change nothing."""
    if not overlays:
        return source, []
    from eqkit.contract.loading.overlay_files import overlaid

    found = overlaid(source.data, overlays)
    data = found.data
    if not isinstance(data, dict):
        raise ContractError(f"{overlays[-1]}: with it, the document is no object")
    return replace(source, data=data, survey=survey(data)), found.warnings


def _not_fetched(refused: Iterable[str]) -> Iterator[str]:
    count = sum(map(_is_address, refused))
    if count:
        subject = "1 reference leads" if count == 1 else f"{count} references lead"
        yield f"{subject} to other servers: --allow-remote fetches such"


def _refuse_others(source: SourceText) -> None:
    """Raise ContractError for a document of another kind, with a word on how to proceed."""
    data: Json = source.data
    if not isinstance(data, dict):
        lack = "empty" if data is None else "no object"
        raise ContractError(f"{source.file}: not an OpenAPI document: it is {lack}")
    if "swagger" in data and not isinstance(data.get("openapi"), str):
        advice = f"convert it, such as by `npx swagger2openapi {source.file} -o openapi.yaml`"
        raise ContractError(f"{source.file}: Swagger {str(data['swagger'])[:20]} is not served: {advice}")
    for member, name in (("asyncapi", "AsyncAPI"), ("arazzo", "Arazzo"), ("overlay", "an OpenAPI Overlay")):
        if member in data and "openapi" not in data:
            raise ContractError(f"{source.file}: not an OpenAPI document: it is {name}")
    if not any(name in data for name in _TELLING):
        raise ContractError(f"{source.file}: not an OpenAPI document: there is no member `openapi`")
