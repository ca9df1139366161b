"""The servers that are measured: how each is started, awaited and stopped."""

import contextlib
import http.client
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.usage import SERVER_CORE, NotMeasured, on_core
from benchmarks.works import ENQUEUE, HEADERS, Work

FOLDER = Path(__file__).parent
PEERS = FOLDER / "peers"
MODULES = PEERS / "node_modules"
INSTALL = "npm ci --prefix benchmarks/peers --ignore-scripts"
PATIENCE_S = 60
JOURNAL_ENTRIES = 10_000
"""How long WireMock's journal may grow: as long as eqkit's, else it would weigh more and more."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A server by name: how its command is made for a port and a folder, and how long it warms up."""

    name: str
    title: str
    command: Callable[[int, Path], list[str]]
    warm_up_s: int = 1
    first: Work = ENQUEUE
    """The request whose right answer is the first one."""
    patience_s: int = PATIENCE_S


@dataclass(frozen=True, slots=True)
class Running:
    """A peer that answers."""

    peer: Peer
    pid: int
    port: int
    cold_start_s: float

    def ask(self, work: Work, path: str | None = None) -> tuple[int, bytes]:
        """Send one request on a connection of its own, and return status and body."""
        return ask(self.port, work, path)


def ask(port: int, work: Work, path: str | None = None) -> tuple[int, bytes]:
    """Send one request of a work, and return status and body; raises OSError while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    with contextlib.closing(connection):
        connection.request(work.method, path or work.path, work.body, HEADERS | work.headers)
        response = connection.getresponse()
        return response.status, response.read()


def _eqkit(port: int, _folder: Path) -> list[str]:
    return [sys.executable, "-m", "eqkit", "serve", "--quiet", "--port", str(port)]


def _uncompiled(port: int, folder: Path) -> list[str]:
    """Start eqkit as a read-only image without bytecode does, be it of eqkit or of Python's own modules."""
    nowhere = folder / "no-bytecode"
    return [
        "env",
        "PYTHONDONTWRITEBYTECODE=1",
        f"PYTHONPYCACHEPREFIX={nowhere}",
        *_eqkit(port, folder),
    ]


def uvicorn(module: str) -> Callable[[int, Path], list[str]]:
    """Return the command of an application among the peers."""
    # The loop and the protocol that eqkit has, and like eqkit --quiet no line for each request.
    choices = ["--loop", "uvloop", "--http", "httptools", "--log-level", "warning", "--no-access-log"]

    def command(port: int, _folder: Path) -> list[str]:
        return [
            sys.executable,
            "-m",
            "uvicorn",
            f"benchmarks.peers.{module}:app",
            "--port",
            str(port),
            *choices,
        ]

    return command


def node(name: str) -> str:
    """Return the path of a program among the peers; raises NotMeasured where it is not installed."""
    if shutil.which("node") is None:
        raise NotMeasured("there is no node")
    program = MODULES / ".bin" / name
    if not program.exists():
        raise NotMeasured(f"not installed: {INSTALL}")
    return str(program)


def _prism(port: int, _folder: Path) -> list[str]:
    contract = FOLDER.parent / "openapi" / "elasticqueue.yaml"
    return [node("prism"), "mock", "--port", str(port), str(contract)]


def _mockoon(port: int, _folder: Path) -> list[str]:
    data = str(PEERS / "mockoon.json")
    return [node("mockoon-cli"), "start", "--data", data, "--port", str(port), "--disable-log-to-file"]


def _wiremock(port: int, folder: Path) -> list[str]:
    if shutil.which("java") is None:
        raise NotMeasured("there is no java")
    jars = sorted(MODULES.glob("wiremock/build/*.jar"))
    if not jars:
        raise NotMeasured(f"not installed: {INSTALL}")
    # WireMock adds folders to its root, so that it gets one of its own.
    shutil.copytree(PEERS / "wiremock", folder / "wiremock", dirs_exist_ok=True)
    journal = ["--max-request-journal-entries", str(JOURNAL_ENTRIES)]
    where = ["--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(folder / "wiremock")]
    return ["java", "-jar", str(jars[-1]), *where, *journal]


ALL = (
    Peer("eqkit", "eqkit", _eqkit),
    Peer("starlette", "plain Starlette + orjson", uvicorn("plain_starlette")),
    Peer("connexion", "stock Connexion", uvicorn("stock_connexion")),
    Peer("prism", "Prism", _prism, warm_up_s=3),
    Peer("mockoon", "Mockoon", _mockoon, warm_up_s=3),
    Peer("wiremock", "WireMock", _wiremock, warm_up_s=15),
)


UNCOMPILED = Peer("uncompiled", "eqkit where bytecode can't be written", _uncompiled)
STARTED = (*ALL, UNCOMPILED)
"""The servers whose start is measured."""


@contextlib.contextmanager
def running(peer: Peer, folder: Path) -> Iterator[Running]:
    """Start a peer, wait for its first answer, and stop it in the end; raises NotMeasured if it cannot be."""
    port = _free_port()
    command = on_core(SERVER_CORE, peer.command(port, folder))
    log_file = folder / f"{peer.name}.log"
    with log_file.open("w") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=FOLDER.parent, stdout=log, stderr=log)  # noqa: S603
        try:
            _await_first_answer(peer, process, port, log_file)
            yield Running(peer, process.pid, port, time.perf_counter() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_first_answer(peer: Peer, process: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    deadline = time.perf_counter() + peer.patience_s
    while time.perf_counter() < deadline and process.poll() is None:
        # Node opens its port before Prism answers, and WireMock before its stubs are read.
        with contextlib.suppress(OSError, http.client.HTTPException):
            if ask(port, peer.first)[0] == peer.first.status:
                return
        time.sleep(0.002)
    raise NotMeasured(f"it did not start: {log_file.read_text()[-300:].strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
