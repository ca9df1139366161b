"""Where the schemas of an OpenAPI document stand, those within schemas left out."""

from collections.abc import Iterator

from eqkit.contract.document import Json
from eqkit.contract.loading.other_files import FILES

_BY_NAME = frozenset(
    (
        "callbacks", "content", "encoding", "examples", "headers", "links", "mediaTypes", "parameters",
        "pathItems", "paths", "requestBodies", "responses", "securitySchemes", "variables", "webhooks",
    )
)  # fmt: skip
"""Members whose own members are named by the author: one named "schema" is no schema."""

_DATA = frozenset(("dataValue", "default", "enum", "example", "value"))
_SCHEMAS = frozenset(("itemSchema", "schema"))

Path = tuple[str, ...]


def schema_positions(node: Json, path: Path = (), *, is_by_name: bool = False) -> Iterator[Path]:
    """Yield the path to every schema of a document that stands within no other."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, each in members:
        name = str(key)
        below = (*path, name)
        if path == ("components", "schemas") or (name in _SCHEMAS and not is_by_name):
            yield below
        elif name == FILES and not path and isinstance(each, dict):
            for file, data in each.items():
                yield from schema_positions(data, (*below, file))
        elif is_by_name or not (name in _DATA or name.startswith("x-")):
            yield from schema_positions(each, below, is_by_name=not is_by_name and name in _BY_NAME)
