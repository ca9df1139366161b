"""The errors between a client and the control plane, as one tree.

ClientError
├── ConnectError    no answer: nobody listens, the connection broke, or it took too long
├── DecodeError  an answer that the control plane does not give: another server, or another version
└── StatusError        the control plane says no; `errors` says why

A journal that is not as expected is no failure of the client: `VerificationError` is an AssertionError.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorObject:
    """One fault, as the error objects of JSON:API tell it; at most one place is set.

    `code` is stable and stands in the control plane's document; `detail` is for people.
    """

    status: str
    code: str
    title: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


class ClientError(Exception):
    """The root of the client's exceptions."""


class ConnectError(ClientError):
    """There was no whole answer; whether the request was carried out is not known."""


class DecodeError(ClientError):
    """There was an answer, but not from a control plane."""


class StatusError(ClientError):
    """An answer of 400 and above, with all its error objects."""

    def __init__(self, status: int, errors: Sequence[ErrorObject], answer: str) -> None:
        """Take the status, the faults, and the body for where it is no error document."""
        self.status = status
        self.errors = tuple(errors)
        message = "; ".join(f"{error.code}: {error.detail}" for error in self.errors)
        super().__init__(f"{status}: {message or answer[:200]}")

    @property
    def code(self) -> str | None:
        """The code of the first fault."""
        return self.errors[0].code if self.errors else None

    @classmethod
    def of(cls, status: int, document: Any, answer: str) -> "StatusError":
        """Read an error document; any other document gives an exception without error objects."""
        found = document.get("errors") if isinstance(document, Mapping) else None
        objects = [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
        return cls(status, [_error_object(each) for each in objects], answer)


def _error_object(document: Mapping[str, Any]) -> ErrorObject:
    source = document.get("source") or {}
    return ErrorObject(
        status=str(document.get("status", "")),
        code=str(document.get("code", "")),
        title=str(document.get("title", "")),
        detail=str(document.get("detail", "")),
        pointer=source.get("pointer"),
        parameter=source.get("parameter"),
        header=source.get("header"),
    )
