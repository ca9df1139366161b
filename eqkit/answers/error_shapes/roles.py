"""The part that a member of an error document plays, by its name, its types and the names beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from eqkit.answers.error_shapes.names import BY_NAME, SENTENCES, Role, plain

PLACES = frozenset((Role.FIELD, Role.POINTER, Role.PARAMETER, Role.HEADER, Role.STEPS, Role.SOURCE))
"""The parts that say the place of an error."""

_NUMBERS = frozenset(("integer", "number"))
_URIS = frozenset(("uri", "uri-reference", "iri", "iri-reference", "url"))


@dataclass(frozen=True, slots=True)
class Member:
    """A member: its types, the formats of its texts, and the members of the same object.

    `beside` are the types of all members by their plain names. An object that `is_item` is one of a list of
    errors.
    """

    kinds: frozenset[str]
    formats: frozenset[str] = frozenset()
    beside: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_item: bool = False

    def is_beside(self, *names: str) -> bool:
        """Return whether any of these members stands beside it."""
        return any(name in self.beside for name in names)

    @property
    def is_beside_sentence(self) -> bool:
        """Whether another member says in a sentence that the request is wrong."""
        return any(kinds & {"string", "array"} for name, kinds in self.beside.items() if name in SENTENCES)


def role_of(name: str, member: Member) -> Role | None:
    """Return the part of a member; None for a name that is none of an error."""
    if name == "@type" and member.is_beside("fieldviolations"):
        return Role.RPC_TYPE
    if name.startswith(("@", "$")):  # a keyword of JSON-LD, of Protocol Buffers, or of JSON Schema
        return None
    own = plain(name)
    special = _SPECIAL.get(own)
    if special is not None:
        return special(member)
    role, kinds = BY_NAME.get(own), member.kinds
    if role is Role.TEXT and not kinds & {"string"}:
        return Role.ERRORS if "array" in kinds else Role.WRAPPER
    if role in (Role.SUCCESS, Role.FAILURE) and "boolean" not in kinds:
        return None
    return role


def _error(member: Member) -> Role:
    """Return the part of `error`: an object, a flag, a sentence, or a code or title beside a sentence.

    OAuth's is a code (RFC 6749 5.2); beside a status, it is the reason phrase (Spring, NestJS).
    """
    if member.kinds & {"object", "array"}:
        return Role.WRAPPER
    if "string" not in member.kinds:
        return Role.FAILURE if "boolean" in member.kinds else Role.STATUS
    if not member.is_beside_sentence:
        return Role.TEXT
    statuses = member.beside.get("statuscode", member.beside.get("status", frozenset()))
    return Role.PHRASE if statuses & _NUMBERS else Role.CODE


def _code(member: Member) -> Role:
    """Return the part of `code`: a name, or the status, of HTTP or of gRPC (grpc-gateway's ``rpcStatus``)."""
    if "string" in member.kinds:
        return Role.CODE
    details = member.beside.get("details", frozenset())
    is_rpc = "array" in details and "int32" in member.formats and not member.is_beside("status")
    return Role.RPC_CODE if is_rpc else Role.STATUS


def _status(member: Member) -> Role:
    """Return the part of `status`: a number, Google's name of it, "error" (JSend), a flag, or an object."""
    if member.kinds & _NUMBERS:
        return Role.STATUS
    if "string" not in member.kinds:
        return Role.SUCCESS if "boolean" in member.kinds else Role.WRAPPER
    codes = member.beside.get("code", frozenset())
    if codes & _NUMBERS and "string" not in codes:
        return Role.RPC_STATUS
    is_number = member.is_item or member.is_beside("title", "detail", "documentationurl")
    return Role.STATUS if is_number else Role.KIND


def _type(member: Member) -> Role:
    """Return the part of `type`: the URI of a problem (RFC 9457), the kind of the document, or a code."""
    if member.formats & _URIS:
        return Role.TYPE_URI
    if member.is_beside("title") and member.is_beside("detail", "status", "instance"):
        return Role.TYPE_URI
    lists = any(
        "array" in kinds and BY_NAME.get(name) is Role.ERRORS for name, kinds in member.beside.items()
    )
    return Role.KIND if lists and not member.is_beside_sentence else Role.CODE


def _name(member: Member) -> Role:
    """Return the part of `name`: in a list, it is the parameter (``invalid-params`` of RFC 7807 3.2)."""
    has_place = member.is_beside("field", "param", "parameter", "property", "path", "code")
    return Role.FIELD if member.is_item and not has_place else Role.CODE


def _reason(member: Member) -> Role:
    """Return the part of `reason`: beside a sentence, it is a code (Google's ``ErrorInfo``)."""
    if "string" not in member.kinds:
        return Role.ERRORS if "array" in member.kinds else Role.WRAPPER
    return Role.CODE if member.is_beside_sentence else Role.TEXT


def _path(member: Member) -> Role:
    """Return the part of `path`; beside the errors of a whole request it is the request's (Spring)."""
    if not member.is_item:
        return Role.TARGET
    return Role.STEPS if "array" in member.kinds else Role.FIELD


def _location(member: Member) -> Role:
    """Return the part of `location`: beside a name, it is the part of the request (PayPal)."""
    if "array" in member.kinds:
        return Role.STEPS
    return Role.IN if member.is_beside("field", "param", "parameter", "property", "name") else Role.FIELD


def _parameter(member: Member) -> Role:
    """Return the part of `parameter`: beside a pointer, it is for parameters alone (JSON:API)."""
    return Role.PARAMETER if member.is_beside("pointer") else Role.FIELD


_SPECIAL: dict[str, Callable[[Member], Role | None]] = {
    "error": _error,
    "err": _error,
    "fault": _error,
    "exception": _error,
    "problem": _error,
    "code": _code,
    "status": _status,
    "type": _type,
    "name": _name,
    "reason": _reason,
    "issue": _reason,
    "path": _path,
    "loc": _location,
    "location": _location,
    "parameter": _parameter,
}
