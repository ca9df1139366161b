"""The status of HTTP in generated errors, which most shapes of errors have a member for."""

from eqkit.contract.document import Json
from eqkit.contract.media_types import JSON_API, essence

_MEMBERS = ("status", "statusCode", "status_code")


def told_of(status: int) -> dict[str, Json]:
    """Return the members by which an error says its status (such as RFC 9457 3.1.2); none for a success."""
    return dict.fromkeys(_MEMBERS, status) if status >= 400 else {}


def with_status(media_type: str, value: Json, status: int) -> Json:
    """Return a generated error of JSON:API with the status of HTTP in each of its error objects.

    So JSON:API has it (1.1, "Error Objects"). Any other value is returned as it is.
    """
    errors = value.get("errors") if isinstance(value, dict) else None
    if status < 400 or essence(media_type) != JSON_API or not isinstance(errors, list):
        return value
    return {**value, "errors": [_with_own(each, status) for each in errors]}


def _with_own(error: Json, status: int) -> Json:
    is_stated = isinstance(error, dict) and "status" in error
    return {**error, "status": str(status)} if is_stated else error
