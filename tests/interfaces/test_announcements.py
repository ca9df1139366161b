"""How a server announces its address: the ready file, and standard output, with and without a reader."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from eqkit.cli.ready_file import ReadyFile
from tests.processes import PATIENCE_S

SECRET = "alpha-s3cret-7f3a"


@contextlib.contextmanager
def server(
    port: int,
    *arguments: str,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    stderr: IO[bytes] | None = None,
    closing: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server on a port until the block is left, and then see it stop in peace."""
    command = [sys.executable, "-m", "eqkit", "serve", "--port", str(port), *arguments]
    closed = None if closing is None else partial(os.close, closing)
    process = subprocess.Popen(command, stdout=stdout, stderr=stderr, preexec_fn=closed)  # noqa: PLW1509 - it calls os.close alone
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()


def answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until a server answers, or has ended."""
    while process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
    return False


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A named pipe."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def closed_pipe() -> int:
    """The end to write into of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def full_pipe() -> int:
    """The end to write into of a pipe that has no room, though somebody could read it."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 65536)
    os.set_blocking(writing, True)
    FULL.append(reading)
    return writing


FULL: list[int] = []
"""The ends to read from, kept open."""


@pytest.mark.parametrize(
    "output",
    [closed_pipe, full_pipe, lambda: os.open("/dev/full", os.O_WRONLY)],
    ids=["closed", "full", "disk"],
)
def test_a_server_needs_no_reader_of_its_output(output: Any, port: int, tmp_path: Path) -> None:
    """The process that started it has its address from the ready file, and may be gone."""
    descriptor, ready = output(), tmp_path / "ready"
    with server(port, "--ready-file", str(ready), stdout=descriptor) as process:
        os.close(descriptor)
        assert answers(port, process)
        assert ready.read_text() == f"http://127.0.0.1:{port}\n"


@pytest.mark.parametrize("descriptor", [1, 2])
def test_a_server_needs_no_output_at_all(descriptor: int, port: int) -> None:
    """With a closed descriptor, the next opened file gets its number: nothing is written into that."""
    with server(port, closing=descriptor) as process:
        assert answers(port, process)


def test_a_closed_server_prints_no_key(port: int, tmp_path: Path) -> None:
    """Ruling H4: standard output ends in logs, and the users of the server know a key."""
    output = tmp_path / "output"
    with output.open("wb") as file, server(port, "--key", SECRET, stdout=file, stderr=file) as process:
        assert answers(port, process)
    assert "YOUR-KEY" in output.read_text()
    assert SECRET not in output.read_text()


@pytest.mark.parametrize(
    ("name", "value"), [("EQKIT_CONTROL_TOKEN", f"{SECRET}\n"), ("EQKIT_KEY", f"first,{SECRET} s3cret")]
)
def test_a_secret_that_is_refused_is_not_repeated(name: str, value: str) -> None:
    """One is refused for a line end, as files have it."""
    done = subprocess.run(
        [sys.executable, "-m", "eqkit", "serve"],
        env=os.environ | {name: value},
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(f"eqkit serve: {name}: expected 1 to 200 printable ASCII characters")
    assert "s3cret" not in done.stdout + done.stderr


def test_a_pipe_gets_the_address_and_stays_a_pipe(port: int, pipe: Path) -> None:
    """Its reader may come before the server is up."""
    with server(port, "--ready-file", str(pipe)):
        assert pipe.read_text() == f"http://127.0.0.1:{port}\n"
    assert pipe.is_fifo()


def test_a_pipe_without_a_reader_holds_nobody_up(port: int, pipe: Path) -> None:
    """The server answers, and stops, and the reader may come in between."""
    with server(port, "--ready-file", str(pipe)) as process:
        assert answers(port, process)
        assert pipe.read_text() == f"http://127.0.0.1:{port}\n"
    assert pipe.is_fifo()


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "a link to it"])
@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_the_address_goes_to_standard_output_where_that_is_asked_for(
    path: str, kind: str, port: int, tmp_path: Path
) -> None:
    """For any target, the links that lead there stay as they are."""
    link, output = tmp_path / "link", tmp_path / "output"
    link.symlink_to("/dev/stdout")
    output.touch()
    reading, writing = os.pipe()
    descriptor = writing if kind == "pipe" else os.open(output, os.O_WRONLY)
    with server(
        port, "--ready-file", str(link) if path.startswith("a ") else path, stdout=descriptor
    ) as process:
        assert answers(port, process)
    os.close(writing)
    heard = output.read_text()
    while piece := os.read(reading, 65536):
        heard += piece.decode()
    os.close(reading)
    assert f"http://127.0.0.1:{port}\n" in heard
    assert link.is_symlink()
    assert Path("/dev/stdout").is_symlink()


@pytest.mark.parametrize("exists", [True, False])
def test_a_planted_link_is_replaced_and_not_followed(exists: bool, port: int, tmp_path: Path) -> None:
    """In a folder that others may write into, a link of theirs must not lead to a file of ours."""
    victim, ready = tmp_path / "victim", tmp_path / "ready"
    if exists:
        victim.write_text("precious")
    ready.symlink_to(victim)
    with server(port, "--ready-file", str(ready)) as process:
        assert answers(port, process)
        assert ready.read_text() == f"http://127.0.0.1:{port}\n"
    assert not ready.is_symlink()
    assert victim.read_text() == "precious" if exists else not victim.exists()


def test_a_file_or_link_that_came_while_the_server_started_is_replaced(tmp_path: Path) -> None:
    """Nothing is written into either: a link leads anywhere, and a reader of a file sees all or nothing."""
    victim, path = tmp_path / "victim", tmp_path / "ready"
    victim.write_text("precious")
    for plant in (path.symlink_to, path.hardlink_to):
        ready = ReadyFile(path)
        plant(victim)
        ready.write("http://127.0.0.1:1")
        assert path.read_text() == "http://127.0.0.1:1\n"
        assert victim.read_text() == "precious"
        assert not path.is_symlink()


def test_a_ready_file_appears_whole_and_alone(port: int, tmp_path: Path) -> None:
    """A look finds no file or the whole address, and no other file is left beside it."""
    ready = tmp_path / "ready"
    seen: set[str] = set()
    ready.write_text("http://stale\n")
    with server(port, "--ready-file", str(ready)) as process:
        while process.poll() is None and seen.isdisjoint({f"http://127.0.0.1:{port}\n"}):
            with contextlib.suppress(FileNotFoundError):
                seen.add(ready.read_text())
        assert [file.name for file in tmp_path.iterdir()] == ["ready"]
    assert seen <= {"http://stale\n", f"http://127.0.0.1:{port}\n"}


def test_a_ready_file_that_can_no_longer_be_written_ends_the_server_in_a_line(
    port: int, tmp_path: Path
) -> None:
    """Its folder may go while the server starts; nobody would ever hear of such a server."""
    folder = tmp_path / "folder"
    folder.mkdir()
    code = (
        "import shutil, sys; from eqkit.web import server; bind = server.bind\n"
        f"def gone(settings): shutil.rmtree({str(folder)!r}); return bind(settings)\n"
        "server.bind = gone; from eqkit.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--port", str(port), "--ready-file", str(folder / "ready")],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == f"eqkit serve: --ready-file {folder}/ready: No such file or directory\n"


@pytest.mark.parametrize("kind", ["folder", "socket"])
def test_a_ready_file_that_cannot_be_written_is_refused_at_the_start(kind: str, tmp_path: Path) -> None:
    """One line, before anything is loaded."""
    path = tmp_path / kind
    with socket.socket(socket.AF_UNIX) as bound:
        path.mkdir() if kind == "folder" else bound.bind(str(path))
        done = subprocess.run(
            [sys.executable, "-m", "eqkit", "serve", "--port", "0", "--ready-file", str(path)],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(f"eqkit serve: --ready-file {path}: Is ")
