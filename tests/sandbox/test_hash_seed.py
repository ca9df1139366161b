"""The same requests get the same answers, whatever PYTHONHASHSEED is."""

import os
import subprocess
import sys

PROGRAM = """
from eqkit.sandbox.journal.entries import Entry
from eqkit.sandbox.journal.matching import Wanted
value = {letter: 1 for letter in "abcdefghijklmnopqrstuvwxyz"}
wanted = Wanted({"body": [{"pointer": "", "value": value}], "status": 202, "queue": "q"})
found = Entry(0, "POST", "/", None, 400, request=b'{"z": 2, "other": 3, "another": 4, "a": 1}')
print([difference.pointer for difference in wanted.differences(found)])
"""


def test_differences_come_in_one_order() -> None:
    """That of what was wanted, then of what was found; a set of names would have another one each time."""
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
