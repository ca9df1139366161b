"""The receivers of the docs, in Python and in JavaScript, take signed messages and nothing else."""

import contextlib
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eqkit.sandbox.webhooks.subscriptions import read_secret, signature
from tests.docs.pages import DOCS, fences
from tests.mocks.receivers import SandboxClient
from tests.processes import PATIENCE_S, ServerProcess
from tests.tools import needed

PAGE = DOCS / "how-to/webhooks.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"data":{"attributes":{"body":"from somebody else"}}}'


class Receiver:
    """A receiver of the docs as a process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take a process that prints its URL first."""
        self._process = process
        self.url = self.line()

    def line(self) -> str:
        """Wait for the next line that it prints."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
        assert ready, "the receiver says nothing"
        return self._process.stdout.readline().strip()


@contextlib.contextmanager
def running_receiver(language: str, folder: Path) -> Iterator[Receiver]:
    """Run the one receiver that the page has in a language."""
    found = (fence.text for fence in fences(PAGE) if fence.language == language)
    named = {each: re.match(r"(?:#|//) (receiver\.\w+)\n", each) for each in found}
    ((text, name),) = ((each, name) for each, name in named.items() if name is not None)
    file = folder / name[1]
    file.write_text(text)
    program = sys.executable if language == "python" else needed("node")
    process = subprocess.Popen(
        [program, str(file)], stdout=subprocess.PIPE, text=True, env=os.environ | {"WEBHOOK_SECRET": SECRET}
    )
    assert process.stdout is not None
    try:
        yield Receiver(process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("language", ["python", "js"])
def test_a_receiver_takes_signed_messages_alone(language: str, tmp_path: Path, live: ServerProcess) -> None:
    """A message of the mock is taken; another body, another id, another time or secret is a 401."""
    sandbox = SandboxClient(live.url)
    sandbox.freeze()
    with running_receiver(language, tmp_path) as receiver:
        webhook = sandbox.subscribe(receiver.url, secret=SECRET)
        sandbox.enqueue("from the mock: ü", 1)
        sandbox.advance(1)
        assert receiver.line() == "received from the mock: ü"
        genuine = signature(read_secret(SECRET), "msg_1", 1_600_000_000, BODY)
        foreign = signature(bytes(24), "msg_1", 1_600_000_000, BODY)
        for identifier, timestamp, body, signed, status in (
            ("msg_1", "1600000000", BODY, f"{foreign} {genuine}", 204),
            ("msg_1", "1600000000", BODY, foreign, 401),
            ("msg_1", "1600000000", BODY + b" ", genuine, 401),
            ("msg_2", "1600000000", BODY, genuine, 401),
            ("msg_1", "1600000001", BODY, genuine, 401),
            ("msg_1", "1600000000", BODY, "v1,", 401),
        ):
            headers = {"webhook-id": identifier, "webhook-timestamp": timestamp, "webhook-signature": signed}
            assert httpx.post(receiver.url, content=body, headers=headers).status_code == status
        assert receiver.line() == "received from somebody else"
    assert [each["status"] for each in sandbox.attempts(webhook)] == [204]
    sandbox.close()
