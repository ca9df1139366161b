"""Why a command could not be carried out, in one line for people."""

import traceback
from pathlib import Path

from eqkit.errors import EqkitError

_ROOT = Path(__file__).parents[2]


def explained(error: BaseException) -> str:
    """Describe an error; for an unexpected one, add its place, for a bug report."""
    match error:
        case EqkitError():
            return str(error)
        case MemoryError():
            return "it needs more memory than there is"
    message = " ".join(f"{type(error).__name__}: {error}".split())
    return f"eqkit itself has failed, please report it: {message[:300]} ({_place(error)})"


def _place(error: BaseException) -> str:
    """Return the innermost line of ours that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if Path(each.filename).is_relative_to(_ROOT)] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "nowhere"
