"""Keys that stand twice in one object: the last one counts, and the values of the others are lost."""

from collections.abc import Iterator
from typing import NamedTuple

import yaml

from eqkit.contract.loading.other_files import FILES
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.source_map import ContractFile, SourceMap
from eqkit.contract.loading.source_texts import SourceText
from eqkit.contract.loading.yaml_texts import children, is_merge
from eqkit.contract.pointers import pointer_of


class RepeatedKey(NamedTuple):
    """A key that stands in its object already."""

    name: str
    place: Place
    first_line: int


def repeated_keys(file: ContractFile) -> Iterator[RepeatedKey]:
    """Yield the keys of a document and of its other files that stand in their objects already."""
    yield from _repeated((), file.source_map.source)
    for name, other in file.document.others.items():
        yield from _repeated((FILES, name), other)


def _repeated(above: tuple[str, ...], source: SourceText) -> Iterator[RepeatedKey]:
    if not source.has_repeated_keys:
        return  # the nodes of JSON take long to make, and are needed for the places alone
    lines = SourceMap.of(source)
    waiting: list[tuple[tuple[str, ...], yaml.Node]] = [(above, lines.root)] if lines.root else []
    done = set[int]()
    while waiting:
        path, node = waiting.pop()
        if id(node) in done:
            continue  # the target of several aliases
        done.add(id(node))
        seen: dict[str, int] = {}
        for key, first, child in children(node):
            if key in seen and not is_merge(first):
                place = lines.at(first, pointer_of([*path, key]))
                yield RepeatedKey(key, place, seen[key])
            seen.setdefault(key, first.start_mark.line + 1)
            waiting.append(((*path, key), child))
