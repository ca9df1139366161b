"""The way of one recorded exchange through ``eqkit replay``, counted while it goes it."""

import json
import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from click.testing import CliRunner

import eqkit
from eqkit.cli.checks import load_command
from tests.clients import JSON_API, message

ROOT = Path(eqkit.__file__).parent
MARK = "zqmarkqz"
"""A text that stands in every part of the exchange, so that all that is made of it has it, too."""

MAX_STOPS = 15

READER = str(Path("traffic/exchanges.py"))
"""The end of the name of the file that reads recordings; before it is called, there is no exchange."""


def exchange() -> dict[str, Any]:
    """Return an entry of a HAR whose request and response both violate the contract."""
    types = [{"name": "Content-Type", "value": JSON_API}]
    asked = {"data": message([MARK])}
    answered = {"data": {"type": "message", "id": [MARK]}}
    return {
        "request": {
            "method": "POST", "url": f"http://api.test/v1/queues/{MARK}/messages",
            "headers": [*types, {"name": "X-Mark", "value": MARK}],
            "postData": {"mimeType": JSON_API, "text": json.dumps(asked)},
        },
        "response": {
            "status": 202, "headers": [*types, {"name": "Location", "value": f"/{MARK}"}],
            "content": {"mimeType": JSON_API, "text": json.dumps(answered)},
        },
    }  # fmt: skip


def is_handed(frame: FrameType) -> bool:
    """Tell a call of which an argument has the mark in it."""
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    given = (frame.f_locals.get(name) for name in code.co_varnames[:count])
    return any(MARK in repr(each) for each in given)


def stops(recording: Path) -> tuple[list[str], str]:
    """Return the files that an exchange is handed to, in the order of the first time, and what is printed."""
    found: dict[str, None] = {}

    def called(frame: FrameType, event: str, _: object) -> None:
        file = frame.f_code.co_filename
        if event != "call" or not file.startswith(str(ROOT)) or not (found or file.endswith(READER)):
            return
        name = f"eqkit/{Path(file).relative_to(ROOT).as_posix()}"
        if name not in found and is_handed(frame):
            found[name] = None

    command = load_command("replay")
    sys.setprofile(called)
    try:
        result = CliRunner().invoke(command, [str(recording)])
    finally:
        sys.setprofile(None)
    return [*found], result.output


def test_an_exchange_makes_few_stops_on_its_way_through_replay(tmp_path: Path) -> None:
    """At most 15, and those that ARCHITECTURE.md lists, in their order.

    A stop is a file below `eqkit/` of which a function is called with the exchange as an argument, or with
    anything that was made of it: a header, a body, a value of the body, a violation, a finding, the run, a
    line of the report. Files that only work on the contract are no stops, whatever they are called for; nor
    is the command itself, where the way begins. Each file counts once, however often it is called. An
    exchange with a form makes one more (`forms.py`), and so does one with an API that has callbacks.
    """
    recording = tmp_path / "one.jsonl"
    recording.write_text(json.dumps(exchange()))
    found, output = stops(recording)
    for rule in ("request-body", "response-body", "response-header", "accepted-violation"):
        assert f"[{rule}]" in output
    assert len(found) <= MAX_STOPS
    page = (ROOT.parent / "ARCHITECTURE.md").read_text()
    section = page.partition("## The way of an exchange through replay")[2].partition("\n## ")[0]
    assert re.findall(r"^\| \d+ \| `(eqkit/[^`]+)` \|", section, re.MULTILINE) == found
