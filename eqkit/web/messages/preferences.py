"""The preferences of the mock (RFC 7240), and those of a contract's own that stand beside them."""

import functools

from eqkit.web.messages.header_fields import elements, pairs

OF_ANSWERS = ("code", "example", "body", "content-type", "retry-after")
OF_WIRES = ("wire", "pause-ms")
OF_FAULTS = frozenset((*OF_ANSWERS, *OF_WIRES, "when", "delay", "fault"))
"""Those that do for one request the same as a fault."""

_OURS = OF_FAULTS | {"dynamic", "seed", "handling"}


@functools.lru_cache(maxsize=256)
def of_contract(prefer: str) -> str | None:
    """Return the header Prefer without the preferences of the mock; None if there are no others.

    A contract may have a parameter of this name, with preferences of its own. Others that a server does not
    know are no errors (RFC 7240 2).
    """
    others = [each for each in elements(prefer) if next(pairs(each))[0] not in _OURS]
    return ", ".join(others) or None
