"""Every session that the docs print is run against a server, and every script in them, too."""

import contextlib
import difflib
import os
import re
import shlex
import signal
import subprocess
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, Fence, fences, place
from tests.processes import PATIENCE_S, running
from tests.tools import needed

SHOWN = "127.0.0.1:8080"
"""The address that the docs write for the server's."""

OWN_PLUGIN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "eqkit.pytest_plugin"}
"""A reader's tests are run with our plug-in alone; those of this suite take their time to load."""

END = "-- end of a command --"
RUN = ("console", "python", "sh")
_SERVE = re.compile(r'^(?:make serve(?: ARGS="(.*)")?|eqkit serve(.*))$', re.MULTILINE)
_KEY = re.compile(
    r"(?<!def )(?<!::)\b(test_[\w-]+)\b(?![.(])"
    r"|(?:Authorization: (?:Bearer )?|--key |^EQKIT_KEY=)([\w-]+)"
)

SESSIONS = [
    page
    for page in (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
    if any(fence.language in ("console", "python") for fence in fences(page))
]


class Command(NamedTuple):
    """A command as it is printed, and the lines that it should answer."""

    text: str
    expected: list[str]


class Part(NamedTuple):
    """The part of a session with one server: its arguments, the files before it, and the blocks behind it."""

    arguments: list[str]
    files: list[Fence]
    blocks: list[Fence]


def parts(page: Path) -> list[Part]:
    """A page by its servers: each line in an ``sh`` block that serves begins a new one."""
    found, files = [Part([], [], [])], list[Fence]()
    for fence in fences(page):
        serve = _SERVE.search(fence.text) if fence.language == "sh" and fence.file_name is None else None
        if serve is not None:
            found.append(Part(shlex.split(serve.group(1) or serve.group(2) or ""), files.copy(), []))
            continue
        if fence.file_name is not None:
            files.append(fence)
        if fence.language in RUN or fence.file_name is not None:
            found[-1].blocks.append(fence)
    return [part for part in found if any(each.language in RUN for each in part.blocks)]


def keys(text: str) -> set[str]:
    """The keys of a session, by which the server distinguishes sandboxes."""
    return {key for found in _KEY.findall(text) for key in found if key}


def commands(block: Fence) -> list[Command]:
    """The commands of a console block; one goes on after a backslash, and where a quotation is open."""
    found: list[Command] = []
    for line in block.text.splitlines():
        if found and not is_whole(found[-1].text):
            found[-1] = Command(f"{found[-1].text}\n{line}", [])
        elif line.startswith("$ "):
            found.append(Command(line[2:], []))
        else:
            found[-1].expected.append(line)
    return found


def is_whole(command: str) -> bool:
    """Whether a shell would run a command now, and not wait for another line of it."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def steps(blocks: Iterable[Fence], folder: Path, address: str) -> Iterator[Command]:
    """The commands of some blocks; one that is a file goes into the folder, a nameless script is run."""
    for number, block in enumerate(blocks):
        text = block.text.replace(SHOWN, address)
        if block.language == "console":
            for command in commands(block):
                yield command._replace(text=command.text.replace(SHOWN, address))
        elif block.file_name is not None:
            save(folder / block.file_name, text)
        elif block.language == "python":
            (folder / f"script-{number}.py").write_text(text)
            # Whatever it prints is its own business; a traceback is not.
            yield Command(f"python3 script-{number}.py >/dev/null", [])


def save(file: Path, text: str) -> None:
    """Write a file of a page, whose folder may be new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def answers(given: list[Command], folder: Path, address: str) -> list[list[str]]:
    """Run commands in one shell, as a reader would, and return the lines that each of them answers.

    A reader's server has the default address; here the variable stands in for it.
    """
    script, home = folder.parent / "session.sh", folder.parent / "home"
    script.write_text("exec 2>&1\n" + "".join(f"{each.text}\nprintf '\\n%s\\n' '{END}'\n" for each in given))
    home.mkdir(exist_ok=True)
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    shell = subprocess.Popen(
        ["bash", str(script)],
        cwd=folder,
        env=os.environ
        | {"PATH": path, "HOME": str(home), "CURL_HOME": str(home), "LC_ALL": "C.UTF-8"}
        | {"EQKIT_URL": f"http://{address}"}
        | OWN_PLUGIN,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, _ = shell.communicate(timeout=PATIENCE_S)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
    *heard, _ = output.decode().replace("\r\n", "\n").split(f"\n{END}\n")
    return [answer.rstrip("\n").splitlines() for answer in heard]


def pattern(lines: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of printed lines: a lone … stands for any lines, a … within a line for any text."""
    return re.compile("".join(r"(?:.*\n)*?" if line == "…" else _line(line) for line in lines))


def _line(line: str) -> str:
    return ".*".join(map(re.escape, line.split("…"))) + "\n"


def difference(command: Command, heard: list[str]) -> str | None:
    """How an answer differs from the page; None where it does not."""
    if pattern(command.expected).fullmatch("".join(f"{line}\n" for line in heard)):
        return None
    # A line that matches is shown as it is printed, so that only true differences stand out.
    known = {line: re.compile(_line(line)) for line in command.expected if line != "…"}
    shown = [
        next((line for line, one in known.items() if one.fullmatch(f"{real}\n")), real) for real in heard
    ]
    changes = difflib.unified_diff(command.expected, shown, "printed", "answered", lineterm="", n=2)
    return f"$ {command.text}\n" + "\n".join(changes)


@pytest.mark.parametrize("page", SESSIONS, ids=place)
def test_a_session_of_the_docs_goes_as_printed(page: Path, tmp_path: Path) -> None:
    """Each command of a page is run in order, and answers as the page prints below it."""
    if any("curl " in fence.text for fence in fences(page) if fence.language == "console"):
        needed("curl")
    differences = []
    for number, part in enumerate(parts(page)):
        folder = tmp_path / str(number) / "work"
        folder.mkdir(parents=True)
        for each in part.files:
            save(folder / str(each.file_name), each.text)
        # A reader starts the server where the files are.
        named = [str(folder / each) if (folder / each).exists() else each for each in part.arguments]
        with running(folder.parent, *named) as server:
            address = "{}:{}".format(*server.address)
            given = list(steps(part.blocks, folder, address))
            heard = answers(given, folder, address)
        assert len(heard) == len(given), heard
        for command, lines in zip(given, heard, strict=True):
            messages = difference(command, [line.replace(address, SHOWN) for line in lines])
            differences.append(messages and messages.replace(address, SHOWN))
    assert [messages for messages in differences if messages] == [], "\n\n".join(
        messages for messages in differences if messages
    )


def test_no_key_is_of_two_pages() -> None:
    """The pages can be followed in any order on one server: none finds the messages of another."""
    pages: dict[str, list[str]] = {}
    for page in SESSIONS:
        for key in keys("\n".join(fence.text for fence in fences(page) if fence.language in RUN)):
            pages.setdefault(key, []).append(place(page))
    assert {
        "test_readme",
        "test_shell",
        "test_a",
        "test_bob",
        "test_client",
        "test_program",
        "beta-91cc",
    } <= set(pages)
    assert {key: shared for key, shared in pages.items() if len(shared) > 1} == {}


def test_a_session_that_goes_otherwise_is_reported() -> None:
    """The comparison itself can fail, in each of its three ways: a text, a line too many, a line too few."""
    printed = Command("date", ["it is … o'clock", "…", "bye"])
    assert difference(printed, ["it is 5 o'clock", "bye"]) is None
    assert difference(printed, ["it is 5 o'clock", "or 6", "bye"]) is None
    assert "+it was 5" in (difference(printed, ["it was 5", "bye"]) or "")
    assert "-bye" in (difference(printed, ["it is 5 o'clock"]) or "")
    assert "+more" in (difference(printed, ["it is 5 o'clock", "bye", "more"]) or "")


def test_http_in_the_docs_is_http() -> None:
    """Ruling D10: every HTTP message that the docs print with a body has an empty line before it."""
    messages = [
        fence.text for page in DOCS.rglob("*.md") for fence in fences(page) if fence.language == "http"
    ]
    assert messages
    for message in messages:
        head, empty_line, body = message.partition("\n\n")
        assert not re.search(r"^\s*[{\[]", head, re.MULTILINE), message
        assert bool(empty_line) == bool(body), message


def test_no_block_of_the_docs_is_overlooked() -> None:
    """A fence that does not begin its line would not be run."""
    counts = {page: len(re.findall(r"^\s*```", page.read_text(), re.MULTILINE)) for page in PAGES}
    assert {place(page): count for page, count in counts.items() if count != 2 * len(fences(page))} == {}
