"""The same requests get the same answers under every PYTHONHASHSEED."""

import os
import subprocess
import sys

PROGRAM = """
from eqkit.sandbox.journal.entries import JournalEntry
from eqkit.sandbox.journal.matching import Wanted
value = {letter: 1 for letter in "abcdefghijklmnopqrstuvwxyz"}
wanted = Wanted({"body": [{"pointer": "", "value": value}], "status": 202, "queue": "q"})
found = JournalEntry(0, "POST", "/", None, 400, request=b'{"z": 2, "other": 3, "another": 4, "a": 1}')
print([difference.pointer for difference in wanted.differences(found)])
"""


def test_differences_come_in_one_order() -> None:
    """Members come in the order of the expected value and then of the found one; a set would shuffle them."""
    messages = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(messages) == 1
    assert messages.pop().count("/request/document/") == 27
