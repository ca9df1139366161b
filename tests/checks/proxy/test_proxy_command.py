"""``eqkit proxy`` on a machine that fails it: nobody reads its output, or a disk is full."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from eqkit.checks.reports.writing import verdict
from eqkit.exit_codes import ExitCode
from eqkit.traffic.exchanges import read
from tests.checks.proxies import Broken, proxied, served
from tests.clients import MESSAGES

COMMAND = "from eqkit.cli.checks.proxy import command; command()"
LARGEST_FILE = 50_000
"""How long a file may become where a disk counts as full, in bytes."""
FULL = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({LARGEST_FILE}, {LARGEST_FILE}))"


@contextlib.contextmanager
def running(
    upstream: str, *options: str, folder: Path, before: str = "pass", stderr: int = subprocess.PIPE
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run the command after some lines of code; yield its address and its process."""
    with subprocess.Popen(
        [sys.executable, "-c", f"{before}\n{COMMAND}", upstream, "--port", "0", *options],
        cwd=folder,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[0], process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def broken() -> Iterator[str]:
    """The address of a service whose every answer breaks the contract, so that there is much to report."""
    with served(Broken().application) as url:
        yield url


def test_a_closed_error_output_changes_no_answer(broken: str, tmp_path: Path) -> None:
    """``2>&1 | head -1`` closes the pipe once its line is read, and the proxy goes on."""
    reader, writer = os.pipe()
    os.close(reader)
    with running(broken, folder=tmp_path, stderr=writer) as (url, process):
        os.close(writer)
        with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
            answers = [client.post(url + MESSAGES, json={}) for _ in range(3)]
            own = [client.post(broken + MESSAGES, json={}) for _ in range(3)]
        assert process.poll() is None
    assert [each.status_code for each in answers] == [each.status_code for each in own]
    assert all("contract-violation" in each.headers for each in answers)
    assert [each.content for each in answers] == [each.content for each in own]


def test_each_finding_has_a_line_of_its_own(broken: str, tmp_path: Path) -> None:
    """When it is made: a terminal shows one below the other."""
    with running(broken, folder=tmp_path) as (url, process):
        with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
            listed = client.post(url + MESSAGES, json={}).headers.get_list("contract-violation")
        process.terminate()
        _, message = process.communicate()
    assert len(message.splitlines()) == len(listed) > 1
    assert all(": #1 POST " in line and line.endswith("]") for line in message.splitlines())


@pytest.mark.parametrize("suffix", [".har", ".jsonl"])
def test_a_full_disk_stops_no_traffic_and_tears_no_recording(
    suffix: str, broken: str, tmp_path: Path
) -> None:
    """The recording has whole exchanges, one finding reports the missing ones, and the run is an error."""
    file = tmp_path / f"all{suffix}"
    with running(broken, "--record", file.name, folder=tmp_path, before=FULL) as (url, process):
        with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
            posted = [client.post(f"{url}/x", content=b"a" * 9000).status_code for _ in range(10)]
        process.terminate()
        output, message = process.communicate()
    assert posted == [404] * 10
    assert 1 < len(read(file)) < 10
    assert file.stat().st_size <= LARGEST_FILE
    assert message.count("[recording-incomplete]") == 1
    assert "exchanges could not be written" in output
    assert process.returncode == 2


def test_a_long_run_is_counted_and_its_beginning_kept(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of a proxy has a bound; an error that it does not keep breaks its run all the same."""
    monkeypatch.setattr("eqkit.checks.proxy.proxy_run.KEPT_TESTED", 2)
    monkeypatch.setattr("eqkit.checks.proxy.proxy_run.KEPT_FINDINGS", 1)
    proxy, messages = proxied(broken)
    with served(proxy) as url:
        for _ in range(4):
            httpx.post(url + MESSAGES, json={})
    run = proxy.run
    assert (len(run.tested), run.more_tested, len(run.findings)) == (2, 2, 1)
    assert run.counts().total() == len(messages) > 4
    assert verdict(run).startswith("proxy: failed; 4 tested, ")
    assert verdict(run).endswith(f" ({len(messages) - 1} findings more than are listed)")
    assert replace(run, findings=()).outcome is ExitCode.FAILED
