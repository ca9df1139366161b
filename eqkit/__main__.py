"""The start of ``eqkit`` and ``python -m eqkit``, where even the command line may not be installed."""

import sys

from eqkit import extras


def main() -> None:
    """Run the command line; exit with 2 and one line where the package that reads it is missing."""
    try:
        from eqkit.cli import main as command_line
    except ImportError as error:
        if not extras.is_of_extra(error):
            raise
        sys.exit(_unusable(error))
    command_line(prog_name="eqkit")


def _unusable(error: ImportError) -> int:
    print(extras.missing("eqkit", "server", error), file=sys.stderr)  # noqa: T201 - there is no click to say it
    return 2


if __name__ == "__main__":
    main()
