"""Programs beside Python and make, which some tests run and a machine may lack; `.ci/run` wants them all."""

import shutil

import pytest


def needed(name: str) -> str:
    """Return the path of a program; skip the test, with the reason, where the machine has not got it."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    return program
