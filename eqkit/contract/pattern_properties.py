"""``x-patternProperties``: members by the form of their names, for which OpenAPI 3.0 has no keyword.

The name is that of openapi-schema-to-json-schema and of Redocly; the meaning is JSON Schema's.
"""

from eqkit.contract.document import Json

KEYWORD = "x-patternProperties"


def with_patterns(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a schema with its own patterns as JSON Schema writes them; those within it stay as they are."""
    return {**schema, "patternProperties": schema[KEYWORD]} if KEYWORD in schema else schema


def with_all_patterns(schema: Json) -> Json:
    """Return a schema without references with every pattern within it as JSON Schema writes them."""
    if isinstance(schema, list):
        return [with_all_patterns(each) for each in schema]
    if isinstance(schema, dict):
        return {name: with_all_patterns(each) for name, each in with_patterns(schema).items()}
    return schema
