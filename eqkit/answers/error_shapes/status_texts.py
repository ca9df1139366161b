"""The names of statuses: the reason phrases of HTTP, and the codes of Google's APIs."""

from eqkit.reason_phrases import reason_phrase

_CLASSES = {4: "Client Error", 5: "Server Error"}
"""The classes of errors, as RFC 9110 names them (15.5, 15.6)."""

RPC_CODES = {
    "CANCELLED": 1,
    "UNKNOWN": 2,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "OUT_OF_RANGE": 11,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "DATA_LOSS": 15,
    "UNAUTHENTICATED": 16,
}
"""The codes of ``google.rpc.Code`` by their names."""

_RPC_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    412: "FAILED_PRECONDITION",
    416: "OUT_OF_RANGE",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def title_of(status: int) -> str:
    """Return the reason phrase of a status, or the name of its class for one that is not registered."""
    return reason_phrase(status) or _CLASSES.get(status // 100, "Unknown Status")


def rpc_name(status: int) -> str:
    """Return the name in ``google.rpc.Code`` that a status stands for (Google AIP-193).

    One that it does not map is an invalid argument of the client, or an unknown error of the server.
    """
    return _RPC_NAMES.get(status, "INVALID_ARGUMENT" if status // 100 == 4 else "UNKNOWN")
