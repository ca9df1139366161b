"""Whether a request has the credentials that one of its security requirements wants."""

from collections.abc import Mapping

from eqkit.contract.decoding.styles import raw_cookies, raw_pairs
from eqkit.contract.document import Json
from eqkit.contract.messages.messages import RequestMessage


def is_let_in(requirements: list[Json], schemes: Mapping[str, Json], request: RequestMessage) -> bool:
    """Return whether a request has the credentials of an alternative; without alternatives, none are wanted.

    Whether a key is a good one is for the service to say. Of a scheme that the contract does not define, and
    of mutual TLS, no message tells anything.
    """
    alternatives = [each for each in requirements if isinstance(each, dict)]
    return not alternatives or any(
        all(_has(schemes.get(name), request) for name in alternative) for alternative in alternatives
    )


def describe_requirements(requirements: list[Json]) -> str:
    """Return the names of the wanted credentials, for a sentence."""
    alternatives = [" and ".join(each) for each in requirements if isinstance(each, dict) and each]
    return " or ".join(alternatives)


def _has(scheme: Json, request: RequestMessage) -> bool:
    match scheme:
        case {"type": "apiKey", "in": "header", "name": str(name)}:
            return request.request_header(name) is not None
        case {"type": "apiKey", "in": "query", "name": str(name)}:
            return any(each == name for each, _ in raw_pairs(request.query))
        case {"type": "apiKey", "in": "cookie", "name": str(name)}:
            return any(each == name for each, _ in raw_cookies(request.request_header("cookie")))
        case {"type": "http", "scheme": str(name)}:
            sent = (request.request_header("authorization") or "").partition(" ")[0]
            return sent.lower() == name.lower()
        case {"type": "oauth2" | "openIdConnect"}:
            return request.request_header("authorization") is not None
    return True
