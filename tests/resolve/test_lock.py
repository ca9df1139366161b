"""The releases of the lock, asked about at the index."""

import subprocess
import sys
from pathlib import Path

from tests.resolve.resolver import QUIETLY, ROOT, UV


def test_no_release_of_the_lock_was_withdrawn(tmp_path: Path) -> None:
    """An author withdraws (yanks) a broken or dangerous release, and the index tells why.

    Advisories come from services beside the index, which a test that knows the index alone cannot ask.
    """
    subprocess.run([UV, "venv", *QUIETLY, "--python", sys.executable, tmp_path / "venv"], check=True)
    command = [UV, "pip", "install", *QUIETLY[1:], "--dry-run", "--no-deps", "--require-hashes"]
    command += ["--python", str(tmp_path / "venv"), "--requirements", str(ROOT / "requirements.lock")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "Would install" in done.stderr
    assert "yanked" not in done.stderr
