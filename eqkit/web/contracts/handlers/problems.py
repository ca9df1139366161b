"""The error that a handler raises, and that becomes an error of its contract's shape."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from eqkit.answers.error_shapes.status_texts import title_of
from eqkit.errors import ApiError, ErrorObject
from eqkit.web.contracts.handlers.results import lines_of

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class ProblemCode(NamedTuple):
    """The code of a problem (see `eqkit.errors.ErrorCode`)."""

    slug: str
    status: int
    title: str


class Problem(ApiError):
    """A refusal by a handler: the contract's documented error for a status, filled with these values."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        title: str | None = None,
        code: str | None = None,
        pointer: str | None = None,
        parameter: str | None = None,
        header: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        """Take the status, from 400 to 599, and a sentence on this very refusal.

        `title` and `code` are those of its kind, by default the name of the status (``not-found``). At most
        one of `pointer` (a JSON pointer into the body), `parameter` and `header` names the place of the
        error. `headers` go out with the answer. Raises ValueError for another status and for a text that
        UTF-8 cannot write, and TypeError for a value that is no text.
        """
        if not 400 <= status <= 599:
            raise ValueError(f"a problem has a status from 400 to 599, and not {status}")
        for each in (detail, title, code, pointer, parameter, header):
            _require_text(each)
        title = title or title_of(status)
        slug = code or title.lower().replace(" ", "-").replace("'", "")
        error = ErrorObject(
            ProblemCode(slug, status, title), detail or f"{title}.", pointer, parameter, header
        )
        super().__init__([error], lines_of(headers))


def _require_text(value: object) -> None:
    """Raise TypeError or ValueError for a value that no document can have as a text."""
    if not (value is None or isinstance(value, str)):
        raise TypeError(f"the texts of a problem are str, and not {value!r:.200}")
    (value or "").encode()
