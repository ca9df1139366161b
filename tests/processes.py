"""Servers as processes of their own, started and stopped as a user does it."""

import contextlib
from pathlib import Path

from eqkit import process
from eqkit.process import PATIENCE_S, ServerProcess

__all__ = ["PATIENCE_S", "ServerProcess", "running"]


def running(folder: Path, *arguments: str) -> contextlib.AbstractContextManager[ServerProcess]:
    """Start a server that logs into a folder, wait until it answers, and stop it in the end."""
    return process.running(*arguments, folder=folder)
