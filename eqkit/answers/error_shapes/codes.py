"""The names of errors for programs, in the spelling and among the values that a contract has for them."""

import functools
import re
from collections.abc import Callable, Iterable, Sequence

from eqkit.answers.error_shapes.status_texts import rpc_name, title_of
from eqkit.contract.document import Json

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|\d+")

_OF_SLUGS = {
    "missing-member": "missing_field required field_required parameter_missing missing_parameter missing",
    "unknown-attribute": "unknown_field parameter_unknown unknown_parameter unexpected_field unknown",
    "unknown-member": "unknown_field parameter_unknown unknown_parameter unexpected_field unknown",
    "unknown-query-parameter": "parameter_unknown unknown_parameter unexpected_parameter unknown",
    "wrong-type": "invalid_type type_error invalid_format invalid_value parameter_invalid invalid",
    "invalid-value": "parameter_invalid invalid_parameter invalid_field invalid",
    "invalid-parameter": "parameter_invalid invalid_param bad_parameter invalid_query invalid_input invalid",
    "invalid-header": "bad_header invalid_parameter invalid_request",
    "invalid-json": "json_invalid malformed_json malformed_payload parse_error malformed invalid_body",
    "idempotency-key-reused": "idempotency_error idempotency_key_in_use conflict",
    "idempotency-key-in-use": "idempotency_key_in_use idempotency_error conflict",
    "rate-limited": "rate_limit_exceeded rate_limit rate_limit_error too_many_requests",
}
"""Names for single kinds of errors, the nearest first."""

_OF_STATUSES = {
    400: """bad_request invalid_request invalid_request_error invalid_argument validation_error
        validation_failed invalid_input invalid_parameter bad_parameter bad_input malformed_request
        invalid""",
    401: """unauthorized unauthenticated authentication_required authentication_error authentication_failed
        authentication auth invalid_client invalid_token invalid_credentials invalid_api_key
        not_authenticated""",
    403: """forbidden permission_denied access_denied insufficient_scope not_authorized unauthorized
        permission_error permission unauthorized_client insufficient_permissions auth""",
    404: "not_found resource_not_found resource_missing entity_not_found no_such missing does_not_exist",
    405: "method_not_allowed not_allowed unsupported_method",
    406: "not_acceptable",
    408: "request_timeout timeout",
    409: "conflict already_exists aborted duplicate resource_conflict",
    410: "gone deleted not_found",
    412: "precondition_failed failed_precondition",
    413: "payload_too_large request_too_large content_too_large request_entity_too_large too_large",
    415: "unsupported_media_type invalid_content_type unsupported_content_type",
    422: """unprocessable_entity unprocessable_content unprocessable validation_error validation_failed
        invalid_request invalid_request_error invalid_argument invalid_input invalid_parameter bad_request
        invalid""",
    429: """too_many_requests rate_limit_exceeded rate_limited rate_limit_error rate_limit throttled
        resource_exhausted quota_exceeded""",
    500: """internal_server_error internal_error internal api_error server_error unexpected_error
        internal_failure""",
    501: "not_implemented unimplemented unsupported",
    502: "bad_gateway server_error upstream_error",
    503: """service_unavailable unavailable temporarily_unavailable service_error server_error api_error
        internal_server_error internal_error internal""",
    504: "gateway_timeout deadline_exceeded timeout server_error",
}
"""Names for statuses as APIs have them, the nearest first."""

_OF_CLASSES = {
    4: "invalid_request bad_request client_error invalid_request_error invalid request_error",
    5: "internal_server_error server_error internal_error api_error internal",
}
_OF_ANY = "error errors failure fail failed unknown unknown_error other unspecified general generic"


def words_of(text: str) -> list[str]:
    """Return the words of a name in any spelling, in lower case."""
    return [each.lower() for each in _WORD.findall(text[:200])]


@functools.lru_cache(maxsize=1024)
def _names(slug: str, status: int) -> tuple[list[str], list[str]]:
    """Return names in lower case without separators, the nearest first: of an error, and of its class."""
    phrase = "_".join(title_of(status).split())
    own = (slug, _OF_SLUGS.get(slug, ""), _OF_STATUSES.get(status, ""), phrase, rpc_name(status))
    of_class = (_OF_CLASSES.get(status // 100, ""), _OF_ANY)
    return _joined(own), _joined(of_class)


def _joined(lists: Iterable[str]) -> list[str]:
    return list(dict.fromkeys("".join(words_of(each)) for names in lists for each in names.split()))


@functools.lru_cache(maxsize=4096)
def fitting_text(texts: tuple[str, ...], slug: str, status: int) -> str | None:
    """Return the text that names an error best, by its code and its status; None if there is no text.

    It is one of its own names, or holds one, or else that of its class, or the first of all.
    """
    known = {each: "".join(words_of(each)) for each in texts}
    for names in _names(slug, status):
        for is_fitting in (_is_same, _is_within):
            for name in names:
                for text, own in known.items():
                    if is_fitting(name, own):
                        return text
    return next(iter(texts), None)


def _is_same(name: str, own: str) -> bool:
    return name == own


def _is_within(name: str, own: str) -> bool:
    return len(name) > 4 and name in own  # "auth" and "gone" are within many other words


def fitting_number(values: Sequence[Json], status: int) -> Json:
    """Return the number among values that is a status or nearest to it, of its class if possible."""
    numbers = [each for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
    return min(numbers, key=lambda each: (each // 100 != status // 100, abs(each - status)), default=None)


Spelling = Callable[[Sequence[str]], str]

_SPELLINGS: dict[str, Spelling] = {
    "kebab": "-".join,
    "snake": "_".join,
    "screaming": lambda words: "_".join(words).upper(),
    "camel": lambda words: words[0] + "".join(map(str.capitalize, words[1:])),
    "pascal": lambda words: "".join(map(str.capitalize, words)),
    "dotted": ".".join,
    "words": lambda words: " ".join(words).capitalize(),
}
_PATTERNS = {
    "kebab": r"[a-z0-9]+(-[a-z0-9]+)+",
    "snake": r"[a-z0-9]+(_[a-z0-9]+)*",
    "screaming": r"[A-Z0-9]+(_[A-Z0-9]+)*",
    "camel": r"[a-z0-9]+([A-Z][a-z0-9]*)+",
    "pascal": r"([A-Z][a-z0-9]*)+",
    "dotted": r"[a-z0-9_]+(\.[a-z0-9_]+)+",
    "words": r"[A-Z]?[a-z]+( [A-Za-z]+)+",
}


def spelling_of(examples: Iterable[Json]) -> str | None:
    """Return the name of the spelling that the first example of a code has; None if it has no known one."""
    text = next((each for each in examples if isinstance(each, str) and not each.isdecimal()), "")
    return next((name for name, each in _PATTERNS.items() if re.fullmatch(each, text[:200])), None)


@functools.lru_cache(maxsize=4096)
def spelt(slug: str, status: int, spelling: str | None) -> tuple[str, ...]:
    """Return names of an error, by its code and status: in one spelling first, and in all others after it."""
    code = words_of(slug)
    first = _SPELLINGS[spelling](code) if spelling and code else slug
    several = (code, words_of(rpc_name(status)), words_of(title_of(status)))
    others = (spell(words) for words in several if words for spell in _SPELLINGS.values())
    return (first, *others, str(status))


OAUTH = {
    400: "invalid_request",
    401: "invalid_client",
    403: "access_denied",
    500: "server_error",
    503: "temporarily_unavailable",
}
"""The codes of OAuth for statuses (RFC 6749 4.1.2.1, 5.2); for any other one, it is ``invalid_request``."""
