"""The errors of eqkit as one tree, and the catalogue of codes that the contract signs.

EqkitError
├── SettingsError      an option or variable that cannot be meant so   (exit code 2)
├── StartupError       a port, a file: the machine refuses              (exit code 2)
├── ContractError      the OpenAPI document cannot be served as it is  (exit code 2)
├── ContractBroken     an answer of ours that the contract would not sign (500)
└── ApiError           a request that the contract refuses: one or more ErrorObjects
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

MAX_ERRORS = 50
"""The most errors that one answer reports (ruling B9)."""


class Code(Enum):
    """A stable error code with its HTTP status and its constant title (ruling B10).

    The same list stands in the contract as the schema ``ErrorCode``, and for the control plane in its own
    document; a test holds them together.
    """

    slug: str
    status: int
    title: str

    PATH_NOT_FOUND = ("path-not-found", 404, "No such path")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "Method not allowed")
    UNAUTHORIZED = ("unauthorized", 401, "Key missing or not known")
    UNSUPPORTED_MEDIA_TYPE = ("unsupported-media-type", 415, "Unsupported media type")
    UNSUPPORTED_CONTENT_ENCODING = ("unsupported-content-encoding", 415, "Unsupported content encoding")
    REQUEST_TOO_LARGE = ("request-too-large", 413, "Request too large")
    BODY_TOO_LARGE = ("body-too-large", 413, "Message body too large")
    NOT_ACCEPTABLE = ("not-acceptable", 406, "Not acceptable")
    INVALID_ENCODING = ("invalid-encoding", 400, "Not UTF-8")
    INVALID_JSON = ("invalid-json", 400, "Not JSON")
    DUPLICATE_KEY = ("duplicate-key", 400, "Duplicate key")
    LONE_SURROGATE = ("lone-surrogate", 400, "Lone surrogate")
    NESTING_TOO_DEEP = ("nesting-too-deep", 400, "Nested too deep")
    NUMBER_OUT_OF_RANGE = ("number-out-of-range", 400, "Number out of range")
    MISSING_MEMBER = ("missing-member", 400, "Member missing")
    WRONG_TYPE = ("wrong-type", 400, "Wrong JSON type")
    INVALID_WAIT_UNTIL = ("invalid-wait-until", 400, "Not a time to wait until")
    UNKNOWN_ATTRIBUTE = ("unknown-attribute", 400, "Unknown attribute")
    EMPTY_BULK = ("empty-bulk", 400, "No messages")
    BULK_TOO_LARGE = ("bulk-too-large", 400, "Too many messages")
    UNKNOWN_QUERY_PARAMETER = ("unknown-query-parameter", 400, "Unknown query parameter")
    INVALID_QUEUE_NAME = ("invalid-queue-name", 400, "Not a queue name")
    INVALID_PARAMETER = ("invalid-parameter", 400, "Invalid parameter")
    INVALID_HEADER = ("invalid-header", 400, "Invalid header")
    INVALID_PREFERENCE = ("invalid-preference", 400, "Preference not possible")
    MALFORMED_REQUEST = ("malformed-request", 400, "Malformed HTTP")
    CLIENT_GENERATED_ID = ("client-generated-id", 403, "Ids are made by the server")
    FORBIDDEN = ("forbidden", 403, "Forbidden")
    RESOURCE_TYPE_CONFLICT = ("resource-type-conflict", 409, "Another resource type")
    IDEMPOTENCY_KEY_REUSED = ("idempotency-key-reused", 409, "Idempotency key used for another request")
    CLIENT_MISTAKE = ("client-mistake", 409, "Surely meant otherwise")
    MESSAGE_NOT_FOUND = ("message-not-found", 404, "No such message")
    QUEUE_NOT_DECLARED = ("queue-not-declared", 404, "Queue not declared")
    GONE = ("gone", 410, "Gone")
    TEAPOT = ("teapot", 418, "I am a teapot")
    RATE_LIMITED = ("rate-limited", 429, "Too many requests")
    HEADERS_TOO_LARGE = ("headers-too-large", 431, "Request header fields too large")
    INTERNAL_ERROR = ("internal-error", 500, "Internal error")
    INVALID_VALUE = ("invalid-value", 400, "Value not allowed")
    UNKNOWN_MEMBER = ("unknown-member", 400, "Unknown member")
    CONTROL_TOKEN_WRONG = ("control-token-wrong", 401, "Token missing or wrong")
    FOREIGN_HOST = ("foreign-host", 403, "Not for other machines")
    TARGET_NOT_ALLOWED = ("target-not-allowed", 403, "Target not allowed")
    WEBHOOK_NOT_FOUND = ("webhook-not-found", 404, "No such webhook")
    TOO_MANY_WEBHOOKS = ("too-many-webhooks", 409, "Too many webhooks")
    SANDBOX_NOT_FOUND = ("sandbox-not-found", 404, "No such sandbox")
    FAULT_NOT_FOUND = ("fault-not-found", 404, "No such fault")
    PACK_NOT_FOUND = ("pack-not-found", 404, "No such pack")
    SNAPSHOT_NOT_FOUND = ("snapshot-not-found", 404, "No snapshot")
    CLOCK_BACKWARDS = ("clock-backwards", 409, "Time does not go back")
    NOTHING_DUE = ("nothing-due", 409, "Nothing is due")
    TOO_MANY_FAULTS = ("too-many-faults", 409, "Too many faults")
    SANDBOX_EXISTS = ("sandbox-exists", 409, "Sandbox exists")
    MESSAGE_NOT_PENDING = ("message-not-pending", 409, "Message not pending")
    IDEMPOTENCY_KEY_IN_USE = ("idempotency-key-in-use", 409, "Idempotency key in use")
    CANNOT_ANSWER = ("cannot-answer", 501, "No valid answer")
    DRAINING = ("draining", 503, "Shutting down")
    UNAVAILABLE = ("unavailable", 503, "Temporarily unavailable")

    def __new__(cls, slug: str, status: int, title: str) -> "Code":
        """Make a member whose value is the slug."""
        member = object.__new__(cls)
        member._value_ = member.slug = slug
        member.status = status
        member.title = title
        return member


CODES = {code.slug: code for code in Code}
"""Every code by its slug."""

CONTROL_CODES = frozenset(
    (
        Code.INVALID_VALUE,
        Code.UNKNOWN_MEMBER,
        Code.CONTROL_TOKEN_WRONG,
        Code.FOREIGN_HOST,
        Code.TARGET_NOT_ALLOWED,
        Code.WEBHOOK_NOT_FOUND,
        Code.TOO_MANY_WEBHOOKS,
        Code.SANDBOX_NOT_FOUND,
        Code.SNAPSHOT_NOT_FOUND,
        Code.CLOCK_BACKWARDS,
        Code.NOTHING_DUE,
        Code.FAULT_NOT_FOUND,
        Code.PACK_NOT_FOUND,
        Code.TOO_MANY_FAULTS,
        Code.SANDBOX_EXISTS,
        Code.MESSAGE_NOT_PENDING,
    )
)
"""The codes that only the control plane sends; its own document lists them."""


CONTRACT_CODES = frozenset((Code.CANNOT_ANSWER, Code.IDEMPOTENCY_KEY_IN_USE))
"""The codes that only a server of any contract sends, in the shapes of that contract."""


class ErrorCode(Protocol):
    """The kind of an error: one of the catalogue, or one that a handler of a user's own has named."""

    @property
    def slug(self) -> str:
        """Its stable name, such as ``path-not-found``."""
        ...

    @property
    def status(self) -> int:
        """Its HTTP status."""
        ...

    @property
    def title(self) -> str:
        """Its title, the same for all errors of the kind."""
        ...


class ErrorObject(NamedTuple):
    """One thing wrong with a request: its code, a sentence, and at most one of three places.

    `rule` is the pointer to the rule of the contract that is broken, for the log; `missing` is the name of
    the member that is missing in the object at `pointer`.
    """

    code: ErrorCode
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    rule: str | None = None
    missing: str | None = None


class EqkitError(Exception):
    """The root of everything that eqkit raises on purpose."""


class SettingsError(EqkitError):
    """An option or environment variable has a value that cannot be used; the message names it."""


class StartupError(EqkitError):
    """The server cannot start here: a taken port, an unreadable or unwritable file."""


class ContractError(EqkitError):
    """The OpenAPI document cannot be served: not found, not valid, or an operation without a handler."""


class ContractBroken(EqkitError):
    """An answer of our own is not one that the contract describes."""


class ApiError(EqkitError):
    """A request that the contract refuses, with every error found, in the order they are reported."""

    def __init__(self, errors: Iterable[ErrorObject], headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        """Keep the first MAX_ERRORS errors; `headers` go out with the answer."""
        self.errors = tuple(errors)[:MAX_ERRORS]
        self.headers = tuple(headers)
        super().__init__()

    def __str__(self) -> str:
        """Describe every error in one line."""
        return "; ".join(f"{error.code.slug}: {error.detail}" for error in self.errors)

    @property
    def status(self) -> int:
        """The one status that all errors share, else 400 (ruling B13)."""
        statuses = {error.code.status for error in self.errors}
        return statuses.pop() if len(statuses) == 1 else 400


def api_error(
    code: Code,
    detail: str,
    *,
    pointer: str | None = None,
    parameter: str | None = None,
    header: str | None = None,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> ApiError:
    """Return an ApiError with a single error."""
    return ApiError([ErrorObject(code, detail, pointer, parameter, header)], headers)
