"""Violations of a contract by a request or a response."""

from dataclasses import dataclass
from enum import StrEnum

from eqkit.contract.document import Json


class Level(StrEnum):
    """How binding the rule is that is broken, in the words of RFC 2119."""

    MUST = "must"
    SHOULD = "should"


@dataclass(frozen=True, slots=True)
class MessageViolation:
    """One rule of a contract that a message breaks.

    `rule` is a stable slug, such as ``request-parameter``, `message` one sentence, and `source` the pointer
    to the broken rule in the document. `kind` is the keyword of a schema, if a schema is broken; `name` is
    the parameter or header, and `pointer` leads to the value within it or within the body. `sent` is the
    value there, `allowed` the value of the keyword.
    """

    rule: str
    message: str
    source: str
    level: Level = Level.MUST
    kind: str = ""
    name: str = ""
    pointer: str = ""
    sent: Json = None
    allowed: Json = None
    missing: str | None = None
    """The member of a body that is missing."""
