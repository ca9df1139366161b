"""The ready file: the address of a server that has started, for a script or another process."""

import contextlib
import os
import secrets
import stat
import threading
from collections.abc import Callable
from pathlib import Path

from eqkit.errors import StartupError

_CREATE_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class ReadyFile:
    """A file that holds the base URL of a server as long as it answers.

    A regular file appears whole: it is written under another name and then renamed, which also replaces a
    link that somebody has put in its place and never follows it. A pipe or a device is written into, and so
    is a descriptor of this process that the path leads to, such as /dev/stdout or /dev/fd/3. The server does
    not wait for the reader of a pipe, and does not end for lack of one.
    """

    def __init__(self, path: Path) -> None:
        """Check that the path can be written, and remove the file of an earlier run.

        Raises StartupError if the file could not be written later.
        """
        self._path = path
        self._descriptor = _own_descriptor(path)
        try:
            self._is_regular = self._descriptor is None and _is_to_be_renamed(path)
            if self._is_regular:
                # A stale file of an earlier run would tell of a server that is not there.
                path.unlink(missing_ok=True)
                self._write_beside("").unlink()
            elif self._descriptor is None and not os.access(path, os.W_OK):
                raise PermissionError(0, "Permission denied")
        except OSError as error:
            raise self._unusable(error) from error

    def write(self, url: str) -> None:
        """Write the base URL; raises StartupError if a regular file cannot be written any more."""
        if not self._is_regular:
            _in_background(lambda: self._write_through(f"{url}\n".encode()))
            return
        try:
            self._write_beside(f"{url}\n").replace(self._path)
        except OSError as error:
            raise self._unusable(error) from error

    def _write_beside(self, text: str) -> Path:
        """Write a new file in the same folder, and return its path."""
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(beside, _CREATE_NEW, 0o666), "w") as file:
            file.write(text)
        return beside

    def _write_through(self, line: bytes) -> None:
        # Opening a pipe waits for its reader.
        descriptor = (
            os.open(self._path, os.O_WRONLY) if self._descriptor is None else os.dup(self._descriptor)
        )
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(line)

    def _unusable(self, error: OSError) -> StartupError:
        return StartupError(f"--ready-file {self._path}: {error.strerror}")


def _in_background(write: Callable[[], None]) -> None:
    """Call a function in a thread that ends with the process; its OSError is dropped."""

    def unheard() -> None:
        with contextlib.suppress(OSError):
            write()

    threading.Thread(target=unheard, daemon=True).start()


def _is_to_be_renamed(path: Path) -> bool:
    """Whether a path is nothing yet, a regular file or a link; raises OSError for a folder or a socket."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return True
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(0, "Is a directory")
    if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode):
        raise OSError(0, "Is neither a file nor a pipe")
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _own_descriptor(path: Path) -> int | None:
    """Return the descriptor of this process that a link such as /dev/stdout leads to, else None."""
    with contextlib.suppress(OSError):
        if path.is_symlink():
            target = path.stat()
            for name in os.listdir("/dev/fd"):  # noqa: PTH208 - the names are numbers
                with contextlib.suppress(OSError):
                    if os.path.samestat(os.fstat(int(name)), target):
                        return int(name)
    return None
