"""Requests and responses that stand in no recording."""

from eqkit.traffic.exchanges import Headers, RecordedExchange


def request_of(
    method: str,
    query: str = "",
    headers: Headers = (),
    body: bytes | None = None,
    *,
    has_all_headers: bool = False,
) -> RecordedExchange:
    """Return a request to a place that its operation is known for."""
    url = f"https://api.test/?{query}"
    return RecordedExchange("it", method, url, headers, body, has_all_headers=has_all_headers)


def response_to(
    method: str, status: int, headers: Headers = (), body: bytes | None = None
) -> RecordedExchange:
    """Return a response to a request of a method."""
    return RecordedExchange("it", method, "", status=status, response_headers=headers, response_body=body)
