"""Servers as processes of their own, started and stopped as a user does it."""

import contextlib
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE_S = 60
"""How long a process may take to start or to stop before the test fails."""


class ServerProcess:
    """A running ``eqkit serve``."""

    def __init__(self, process: subprocess.Popen[str], url: str, log_file: Path, first_line: str) -> None:
        """Take a process that answers at `url`."""
        self.process = process
        self.url = url
        self.first_line = first_line
        self._log_file = log_file

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for raw sockets."""
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def log(self) -> str:
        """Return what the server has logged so far."""
        return self._log_file.read_text()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop the server by a signal and return its exit code."""
        self.process.send_signal(by)
        return self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def running(folder: Path, *arguments: str) -> Iterator[ServerProcess]:
    """Start a server on a free port, wait until it says that it answers, and stop it in the end."""
    log_file, ready_file = folder / "log.txt", folder / "ready.txt"
    command = [
        sys.executable,
        "-m",
        "eqkit",
        "serve",
        "--port",
        "0",
        "--ready-file",
        str(ready_file),
        *arguments,
    ]
    with log_file.open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout is not None
        try:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
            first_line = process.stdout.readline() if ready else ""
            assert first_line, f"the server did not start: {log_file.read_text()}"
            yield ServerProcess(process, ready_file.read_text().strip(), log_file, first_line)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE_S)
            process.stdout.close()
