"""``eqkit serve`` as a process of its own, started on a free port and stopped in peace."""

import contextlib
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from eqkit import environment
from eqkit.errors import StartupError

COMMAND = (sys.executable, "-m", "eqkit")
"""The eqkit of this very environment."""

PATIENCE_S = 60
"""How long a server may take to start or to stop, in seconds."""


class ServerProcess:
    """A server that answers at `url` until it is stopped."""

    def __init__(self, process: subprocess.Popen[str], url: str, log_file: Path) -> None:
        """Take a process that answers at `url` and logs into a file."""
        self.process = process
        self.url = url
        self._log_file = log_file

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for raw sockets."""
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def log(self) -> str:
        """Return the log of the server so far."""
        return self._log_file.read_text()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop the server by a signal, if it runs, and return its exit code.

        Raises subprocess.TimeoutExpired, and kills it, where it does not end within PATIENCE_S.
        """
        if self.process.poll() is None:
            self.process.send_signal(by)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@contextlib.contextmanager
def running(
    *arguments: str, folder: Path | None = None, command: Sequence[str] = COMMAND
) -> Iterator[ServerProcess]:
    """Run ``eqkit serve`` with some arguments, from when it answers until the block is left.

    `command` is the ``eqkit`` that is run, which may be that of another environment. The arguments alone set
    the server: variables such as EQKIT_KEY are for servers that are started by hand. Its log goes into
    `folder`, by default a temporary one. Raises StartupError, with the server's own words, where it does not
    come up.
    """
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eqkit-")))
        server = stack.enter_context(_started(folder, [*command, "serve"], arguments))
        stack.callback(server.stop)
        yield server


@contextlib.contextmanager
def _started(folder: Path, serve: list[str], arguments: tuple[str, ...]) -> Iterator[ServerProcess]:
    log_file, ready_file = folder / "log.txt", folder / "ready.txt"
    serve += ["--port", "0", "--ready-file", str(ready_file), *arguments]
    with log_file.open("w") as log:
        try:
            process = subprocess.Popen(  # noqa: S603 - the caller's own command and arguments
                serve, stdout=subprocess.PIPE, stderr=log, text=True, env=environment.without_ours()
            )
        except OSError as error:
            raise StartupError(f"the server did not start: {serve[0]}: {error.strerror}") from error
    assert process.stdout is not None
    with process.stdout:
        # A server that hangs is killed, which ends the wait for its first line.
        too_late = threading.Timer(PATIENCE_S, process.kill)
        too_late.start()
        try:
            first_line = process.stdout.readline()
        except BaseException:
            process.kill()
            raise
        finally:
            too_late.cancel()
        if not first_line:
            process.wait(PATIENCE_S)
            raise StartupError(f"the server did not start: {log_file.read_text().strip()}")
        yield ServerProcess(process, ready_file.read_text().strip(), log_file)
