"""The reason phrases of HTTP, the same on every version of Python."""

from http import HTTPStatus

_RFC_9110 = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
"""Phrases that Python has had by their older names up to 3.12."""


def reason_phrase(status: int) -> str:
    """Return the reason phrase of a status (RFC 9110 15); "" for one that is not registered."""
    try:
        return _RFC_9110.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return ""
