"""The origin of a part of a contract: the marks ``x-origin``, and the parts that carry one of their own."""

from eqkit.contract.document import Json
from eqkit.contract.operations import METHODS

FROM_DOCS = ("documented", "corrected")
"""The origins of a part that stands in the docs of the service, as it is there or mended."""

ORIGINS = (*FROM_DOCS, "implied")
"""Every value of ``x-origin``."""


def is_part(path: tuple[str, ...], node: Json) -> bool:
    """Whether a place holds an operation, response, parameter or field of its own, which has its own origin.

    A reference has its origin at its target, and a schema under ``not`` has none.
    """
    if not isinstance(node, dict) or "$ref" in node or "not" in path:
        return False
    match path:
        case ("paths", _, method):
            return method in METHODS
        case (*_, "properties" | "responses" | "headers", _) | ("paths", *_, "parameters", _):
            return True
    return False
