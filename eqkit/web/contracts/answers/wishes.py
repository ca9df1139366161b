"""The preferences of a request about generated answers (RFC 7240): ``dynamic=true`` and ``seed=…``."""

import functools
from typing import NamedTuple

from eqkit.errors import Code, api_error
from eqkit.web.messages.context import RequestContext
from eqkit.web.messages.header_fields import elements, pairs, quoted


class Wishes(NamedTuple):
    """Whether values are to be generated, by which seed, and the preferences as they were applied."""

    dynamic: bool | None = None
    seed: str = ""
    applied: bytes = b""


_NONE = Wishes()


def wishes_of(context: RequestContext) -> Wishes:
    """Return the preferences of a request; raises ApiError (400) for an impossible one."""
    prefer = context.headers.get(b"prefer")
    return _NONE if prefer is None else _read(prefer)


@functools.lru_cache(maxsize=256)
def _read(prefer: bytes) -> Wishes:
    given: dict[str, str] = {}
    for preference in elements(prefer.decode("latin-1")):
        for name, value in pairs(preference):
            if name in ("dynamic", "seed"):
                given.setdefault(name, "true" if value is None else value)
    if given.get("dynamic", "true") not in ("true", "false"):
        detail = f'There is no dynamic "{given["dynamic"][:40]}"; there are true, false.'
        raise api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
    dynamic = given["dynamic"] == "true" if "dynamic" in given else True if "seed" in given else None
    applied = ", ".join(f"{name}={quoted(value)}" for name, value in given.items())
    return Wishes(dynamic, given.get("seed", ""), applied.encode("latin-1"))
