"""Validation of long exchanges in a process of its own, one after the other, while traffic goes on."""

import asyncio
import contextlib
import logging
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BufferedReader
from typing import BinaryIO

from eqkit.checks.conformance import Conformance
from eqkit.checks.findings import Finding, Severity
from eqkit.contract.loading.source_map import ContractFile
from eqkit.traffic.codings import unpacked, unreadable
from eqkit.traffic.exchanges import LARGEST_BODY, RecordedExchange
from eqkit.traffic.routes import Routes

logger = logging.getLogger(__name__)

LONGEST_AT_ONCE = 65_536
"""The bodies of an exchange that are validated on the spot, in bytes together; 20 ms for a dense document."""

LONGEST_VALIDATION_S = 30
"""How long the validation of one exchange may take, in seconds."""

INCONCLUSIVE = "inconclusive"
"""The rule of an exchange that could not be validated; it goes through all the same."""


class Validators:
    """Validates exchanges by one contract: short ones at once, long ones in a process beside this one."""

    def __init__(self, file: ContractFile, routes: Routes) -> None:
        """Take the contract with its routes."""
        self._conformance = Conformance(file, routes)
        self._contract = pickle.dumps((file, routes))
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = ThreadPoolExecutor(1, "validation")

    async def validate(self, exchange: RecordedExchange) -> list[Finding]:
        """Return everything that is wrong with an exchange, or that it could not be validated."""
        if not _is_long(exchange):
            return validated(self._conformance, exchange)
        found = await asyncio.get_running_loop().run_in_executor(self._thread, self._apart, exchange)
        return [_inconclusive(exchange, "takes too long, or too much memory")] if found is None else found

    def left_out(self) -> list[Finding]:
        """Return a warning for each schema that nothing can be validated by."""
        return self._conformance.left_out()

    def close(self) -> None:
        """End the process beside this one."""
        if self._process is not None:
            self._process.kill()
        self._thread.shutdown(cancel_futures=True)
        self._ended()

    def _apart(self, exchange: RecordedExchange) -> list[Finding] | None:
        """Ask the other process; None if it has not survived the question."""
        process = self._process or self._started()
        timer = threading.Timer(LONGEST_VALIDATION_S, process.kill)
        timer.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            pickle.dump(exchange, process.stdin)
            process.stdin.flush()
            found: list[Finding] = pickle.load(process.stdout)  # noqa: S301 - of our own process
            return found
        except (OSError, EOFError, pickle.UnpicklingError):
            process.kill()
            self._ended()
            return None
        finally:
            timer.cancel()

    def _started(self) -> subprocess.Popen[bytes]:
        # It finds its modules where this process has found them, and nowhere else.
        code = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import serve; serve()"
        self._process = process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(self._contract)
        return process

    def _ended(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.communicate()


def validated(conformance: Conformance, exchange: RecordedExchange) -> list[Finding]:
    """Validate an exchange with its bodies unpacked, as a client sees them; a bug of ours is a finding."""
    sent_as, answered_as = (
        exchange.request_header("content-encoding"),
        exchange.response_header("content-encoding"),
    )
    plain = replace(
        exchange,
        request_body=_plain(exchange.request_body, sent_as),
        response_body=_plain(exchange.response_body, answered_as),
    )
    found = [
        _inconclusive(exchange, f"the body of the {whose} cannot be read: {unreadable(encoding or '')}")
        for whose, encoding, packed, body in (
            ("request", sent_as, exchange.request_body, plain.request_body),
            ("answer", answered_as, exchange.response_body, plain.response_body),
        )
        if packed is not None and body is None
    ]
    try:
        return [*found, *conformance.validate(plain)]
    except Exception as error:
        logger.exception("%s cannot be validated", exchange.name)
        return [*found, _inconclusive(exchange, f"which is a bug of eqkit: {error!r}")]


def _plain(body: bytes | None, encoding: str | None) -> bytes | None:
    return body if body is None or encoding is None else unpacked(body, encoding, LARGEST_BODY)


def _inconclusive(exchange: RecordedExchange, why: str) -> Finding:
    return Finding(INCONCLUSIVE, f"{exchange.name}: it cannot be validated: {why}", Severity.WARNING)


def _is_long(exchange: RecordedExchange) -> bool:
    """Return whether other clients should not wait for it; compressed bodies may grow to any length."""
    lengths = (len(exchange.request_body or b""), len(exchange.response_body or b""))
    packed = (exchange.request_header("content-encoding"), exchange.response_header("content-encoding"))
    return sum(lengths) > LONGEST_AT_ONCE or (any(lengths) and any(packed))


def serve() -> None:
    """Validate exchanges from standard input by the contract that comes first, until its end."""
    with open(0, "rb", closefd=False) as asked, open(1, "wb", closefd=False) as results:
        _serve(asked, results)


def _serve(asked: BufferedReader, results: BinaryIO) -> None:
    # Ctrl-C goes to all processes of a terminal, and this one ends when the proxy does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file, routes = pickle.load(asked)  # noqa: S301 - of the process that started this one
    conformance = Conformance(file, routes)
    while asked.peek(1):
        found = validated(conformance, pickle.load(asked))  # noqa: S301 - as above
        results.write(pickle.dumps(found))
        results.flush()
