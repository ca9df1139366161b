"""The formats that values are held to; docs/reference/formats.md lists the same."""

from collections.abc import Callable, Mapping

from eqkit.contract.document import Json
from eqkit.contract.schemas.patterns import PatternError, translated_pattern

BY_VALIDATOR = frozenset(
    (
        "date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6",
        "iri", "iri-reference", "json-pointer", "regex", "relative-json-pointer", "time", "uri",
        "uri-reference", "uri-template", "uuid",
    )
)  # fmt: skip
"""The formats of JSON Schema 2020-12, which jsonschema-rs checks in texts."""

_LARGEST_FLOAT = 3.4028234663852886e38
_BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"

BY_SCHEMA: Mapping[str, dict[str, Json]] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1, "multipleOf": 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1, "multipleOf": 1},
    "float": {"minimum": -_LARGEST_FLOAT, "maximum": _LARGEST_FLOAT},
    "byte": {"pattern": _BASE64},
    "base64": {"pattern": _BASE64},
}
"""The formats of OpenAPI that a schema can say; each holds for numbers alone, or for texts alone."""

UNCHECKED = frozenset(("binary", "double", "password"))
"""The formats of OpenAPI that any text or number has; unknown formats are not checked either."""


def _is_pattern(text: str) -> bool:
    try:
        translated_pattern(text)
    except PatternError:
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {"regex": _is_pattern}
"""The formats of JSON Schema that jsonschema-rs has otherwise than ECMA-262 has them."""


def asserted(schema: Mapping[str, Json]) -> dict[str, Json] | None:
    """Return the schema that the `format` of a schema stands for; None if there is no such."""
    name = schema.get("format")
    return BY_SCHEMA.get(name) if isinstance(name, str) else None
