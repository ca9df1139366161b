"""The requirements on the facts of the docs: the disposition of each in the contract, and the reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from eqkit.contract.document import Json
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.source_map import LOADER, SourceMap
from eqkit.errors import ContractError


class Disposition(StrEnum):
    """The disposition of a statement of the docs."""

    KEPT = "kept"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    EXTENDED = "extended"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One fact with its place in the docs, and its counterpart in the contract.

    `contract` maps JSON pointers to the values that stand there, `absent` lists pointers to nothing,
    `decisions` name the records that decided it (``docs/adr/0001-….md#d1``), and `server` maps parts of an
    answer (``status``, ``headers/Vary``, ``body/data/id``) to the values that a running server sends.
    """

    fact: str
    says: Json
    line: int
    disposition: Disposition
    contract: dict[str, Json]
    absent: tuple[str, ...]
    decisions: tuple[str, ...]
    server: dict[str, Json]
    note: str | None
    place: Place

    @property
    def pointers(self) -> tuple[str, ...]:
        """Every place of the contract that it speaks of."""
        return (*self.contract, *self.absent)

    @property
    def rulings(self) -> set[str]:
        """The rulings that its decisions lead to, as `x-ruling` spells them."""
        return {decision.rpartition("#")[2].upper() for decision in self.decisions}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where all that stands at and under the places `at` comes from, if not from the docs.

    A part ``*`` of the pointer stands for any one name, ``*-x`` for any that ends so.
    """

    at: str
    origin: str
    why: str
    place: Place


@dataclass(frozen=True, slots=True)
class Traceability:
    """A file of requirements."""

    file: Path
    requirements: list[Requirement]
    origins: list[Origin]

    @classmethod
    def load(cls, file: Path) -> "Traceability":
        """Read a file; raises ContractError with the line of the first thing that is wrong in it."""
        lines = SourceMap.read(file)
        try:
            data = yaml.load(file.read_bytes(), Loader=LOADER)  # noqa: S506
        except (yaml.YAMLError, ValueError) as error:
            raise ContractError(f"{file}: not YAML: {' '.join(str(error).split())}") from error
        if not isinstance(data, dict) or not set(data) <= {"requirements", "origins"}:
            raise ContractError(
                f"{file}: not a file of requirements: its members are 'requirements' and 'origins'"
            )
        requirements = [_requirement(each, place) for each, place in _entries(data, "requirements", lines)]
        origins = [_origin(each, place) for each, place in _entries(data, "origins", lines)]
        return cls(file, requirements, origins)


def _entries(data: dict[str, Any], kind: str, lines: SourceMap) -> Iterator[tuple[dict[str, Any], Place]]:
    entries = data.get(kind) or []
    if not isinstance(entries, list):
        raise ContractError(f"{lines.place(f'/{kind}')}: '{kind}' has to be a list")
    for index, entry in enumerate(entries):
        place = lines.place(f"/{kind}/{index}")
        if not isinstance(entry, dict):
            raise ContractError(f"{place}: an entry of '{kind}' has to be a mapping")
        yield entry, place


def _requirement(entry: dict[str, Any], place: Place) -> Requirement:
    fields: dict[str, type] = {"fact": str, "says": object, "line": int, "disposition": str}
    optional: dict[str, type] = {
        "contract": dict,
        "absent": list,
        "decision": str,
        "decisions": list,
        "server": dict,
        "note": str,
    }
    _check(entry, place, fields, optional)
    try:
        disposition = Disposition(entry["disposition"])
    except ValueError:
        known = ", ".join(Disposition)
        raise ContractError(
            f"{place}: there is no disposition {entry['disposition']!r}; there are {known}"
        ) from None
    one = [entry["decision"]] if "decision" in entry else []
    for name in ("contract", "absent", "decisions", "server"):
        if not all(isinstance(each, str) for each in entry.get(name, ())):
            raise ContractError(f"{place}: {name!r} has to name each thing by a text")
    return Requirement(
        entry["fact"],
        entry["says"],
        entry["line"],
        disposition,
        contract=entry.get("contract", {}),
        absent=tuple(entry.get("absent", ())),
        decisions=tuple(one + entry.get("decisions", [])),
        server=entry.get("server", {}),
        note=entry.get("note"),
        place=place,
    )


def _origin(entry: dict[str, Any], place: Place) -> Origin:
    _check(entry, place, {"at": str, "origin": str, "why": str}, {})
    return Origin(**entry, place=place)


def _check(entry: dict[str, Any], place: Place, needed: dict[str, type], optional: dict[str, type]) -> None:
    """Raise ContractError for a member that is missing, unknown or of the wrong kind."""
    if missing := needed.keys() - entry.keys():
        raise ContractError(f"{place}: the member {min(missing)!r} is missing")
    known = needed | optional
    for name, value in entry.items():
        if name not in known:
            raise ContractError(f"{place}: there is no member {name!r}; there are {', '.join(known)}")
        if not isinstance(value, known[name]):
            raise ContractError(f"{place}: {name!r} has to be a {known[name].__name__}, not {value!r}")
