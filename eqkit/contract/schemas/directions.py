"""The direction that a value travels in: a property that only the other side sends is not required of it."""

from enum import StrEnum


class Direction(StrEnum):
    """Requests go from a client to the service, responses the other way; an example may be of either."""

    REQUEST = "request"
    RESPONSE = "response"
    EITHER = "either"

    @property
    def optional_keywords(self) -> tuple[str, ...]:
        """The keywords of properties that a value of this direction may leave out, though required."""
        return _OPTIONAL[self]


_OPTIONAL = {
    Direction.REQUEST: ("readOnly",),
    Direction.RESPONSE: ("writeOnly",),
    Direction.EITHER: ("readOnly", "writeOnly"),
}
