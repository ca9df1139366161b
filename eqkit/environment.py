"""The environment of the process, which nothing but this module reads."""

import os
from collections.abc import Mapping

PREFIX = "EQKIT_"
"""How every variable begins that eqkit reads."""

VARIABLES: Mapping[str, str] = os.environ
"""The variables as they are now."""


def without_ours() -> dict[str, str]:
    """Return the variables without those of eqkit: for a server that its arguments alone shall set."""
    return {name: value for name, value in VARIABLES.items() if not name.upper().startswith(PREFIX)}
