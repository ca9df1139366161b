"""The trial of one generator: its client is made, compiled and run, and the server's journal is checked."""

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

from eqkit.client import Client, FaultRule
from sdks.generators import HERE, STEPS, Generator, versions
from sdks.results import Result

BUILD = HERE.parent / "build/sdks"
CONTRACTS = HERE.parent / "openapi"
PATIENCE_S = 300
"""How long a command may take, in seconds."""

STORED = 3
"""The number of messages that an example enqueues; a refused or replayed request stores nothing."""


OTHER_QUEUE = "my-queue"
"""The queue in which the server answers as no server of today does, and stores nothing."""

PRINTED = {
    "data": {
        "type": "message",
        "id": "72301093732",
        "links": {"self": "https://www.elasticqueue.com/v1/api/queues/my-queue/messages/72301093732"},
    }
}
"""The answer to an enqueued message, as the docs of the service print it."""

UNHEARD_OF = {
    "errors": [
        {
            "id": "error-1",
            "status": "404",
            "code": "queue-archived",
            "title": "Queue archived",
            "detail": "The queue was archived.",
            "links": {"about": "https://www.elasticqueue.com/errors/queue-archived"},
        }
    ]
}
"""An error with a code and a member that the contract of today has not got."""


class Failed(Exception):
    """A command of a generator failed: the first argument names it, the second is its output."""


def environment() -> dict[str, str]:
    """Return the environment of all commands, in which the installed packages are found.

    Raises FileNotFoundError where they are not installed.
    """
    if not (BUILD / ".installed").exists():
        raise FileNotFoundError("the generators are not installed: say `make sdks`")
    programs = (BUILD / "venv/bin", BUILD / "node_modules/.bin")
    (jar,) = (BUILD / "venv").glob("lib/python*/site-packages/openapi_generator_cli/openapi-generator.jar")
    return os.environ | {
        "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
        "JACKSON": str(jar),
        "GOCACHE": str(BUILD / "go-cache"),
        "GOTOOLCHAIN": "local",  # the pinned one, and no download of another
    }


def prepared(generator: Generator, place: Path) -> Path:
    """Return a fresh folder in `place` with the contracts, `tsconfig.json` and a generator's files."""
    folder = place / generator.folder
    shutil.rmtree(folder, ignore_errors=True)
    if (HERE / generator.folder).is_dir():
        shutil.copytree(HERE / generator.folder, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for file in (CONTRACTS / "elasticqueue.yaml", CONTRACTS / "mock.yaml", HERE / "tsconfig.json"):
        shutil.copy(file, folder)
    return folder


def output_of(
    generator: Generator, stage: str, folder: Path, variables: dict[str, str], patience_s: float = PATIENCE_S
) -> str:
    """Run one command of a generator and return its output; raises Failed where it fails."""
    command = generator.commands[stage]
    with subprocess.Popen(  # noqa: S602 - the commands of generators.toml are written for a shell
        command,
        shell=True,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        # What hangs is killed with all that it has started: they hold the pipe that is read here.
        too_late = threading.Timer(patience_s, os.killpg, (process.pid, signal.SIGKILL))
        too_late.start()
        try:
            output, _ = process.communicate()
        finally:
            too_late.cancel()
    if process.returncode == -signal.SIGKILL:
        raise Failed(f"{stage} was killed: it may take {patience_s:g} s: {command}", output)
    if process.returncode:
        raise Failed(f"{stage} ended with exit code {process.returncode}: {command}", output)
    return output


def steps_in(output: str) -> tuple[str, ...]:
    """Return the steps that an example says it has passed."""
    lines = set(output.splitlines())
    return tuple(step for step in STEPS if f"ok: {step}" in lines)


def arm(client: Client) -> None:
    """Have the server answer in OTHER_QUEUE as the docs print it, and with an error that is new."""
    media_type = {"Content-Type": "application/vnd.api+json"}
    answers = {"enqueueMessage": (202, PRINTED), "getMessage": (404, UNHEARD_OF)}
    for operation, (status, document) in answers.items():
        client.faults.arm(
            FaultRule(
                operation=operation, queue=OTHER_QUEUE, answer=status, content=document, headers=media_type
            )
        )


def check_journal(client: Client) -> None:
    """Check the requests in the server's journal; raises Failed where they differ from an example's."""
    summary = client.journal.summary()
    if summary.stored != STORED:
        raise Failed(f"run: the server has stored {summary.stored} messages instead of {STORED}", "")
    if any(fault.fired != 1 for fault in client.faults.list()):
        raise Failed("run: the client did not send one request of each kind to the other queue", "")
    if summary.warnings:
        raise Failed("run: the server warns of what the client sends", f"{summary.warnings}\n")


def attempt(
    generator: Generator, url: str, variables: dict[str, str], place: Path = BUILD / "clients"
) -> tuple[Result, str | None]:
    """Make, compile and run one client, and return how far it came and why it came no further."""
    key = f"test_{generator.folder}"
    variables = variables | {"ELASTICQUEUE_URL": url, "ELASTICQUEUE_KEY": key}
    compiled, output, failure = False, "", None
    client = Client(url, key)
    arm(client)
    try:
        folder = prepared(generator, place)
        output_of(generator, "generate", folder, variables)
        output_of(generator, "compile", folder, variables)
        compiled = True
        if generator.run is not None:
            output = output_of(generator, "run", folder, variables)
            check_journal(client)
    except Failed as failed:
        reason, output = failed.args
        failure = f"{generator.name}: {reason}\n{output}"
    steps = steps_in(output) if generator.run is not None else None
    version = versions()[generator.version_of]
    result = Result(generator.name, version, generator.strict, compiled, steps)
    if failure is None and not result.passed:
        failure = f"{generator.name}: run passed only {', '.join(result.steps or ())}\n{output}"
    return result, failure
