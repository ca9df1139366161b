"""A contract as it stands in a file, or as it stood at a revision of git."""

import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from eqkit.contract.loading.source_map import ContractFile, SourceMap
from eqkit.errors import ContractError


def load(name: str, file: Path) -> ContractFile:
    """Load a file, ``REVISION:PATH`` or ``REVISION``, at which it is `file`; raises ContractError."""
    if Path(name).is_file():
        return ContractFile.load(Path(name))
    revision, colon, path = name.partition(":")
    path = path if colon else file.as_posix()
    # A path that begins with ./ is relative to the working directory, as it is for files.
    wanted = f"{revision}:{path}" if path.startswith(("./", "../")) else f"{revision}:./{path}"
    if not revision or revision.startswith("-"):
        raise ContractError(f"{name}: neither a file nor a revision of git")
    try:
        command = ["git", "show", wanted]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no option, no shell
    except OSError as error:
        raise ContractError(f"{name}: not a file, and git cannot be run: {error.strerror}") from error
    if done.returncode != 0:
        messages = done.stderr.decode(errors="replace").strip().splitlines()[:1]
        raise ContractError(f"{name}: neither a file nor a revision of git: {' '.join(messages)}")
    with tempfile.TemporaryDirectory(prefix="eqkit-diff-") as folder:
        copy = Path(folder) / Path(path).name
        copy.write_bytes(done.stdout)
        try:
            contract = ContractFile.load(copy)
        except ContractError as error:
            raise ContractError(str(error).replace(str(copy), name)) from None
        text = copy.read_text(encoding="utf-8-sig")
    return replace(contract, source_map=SourceMap(Path(f"{revision}:{path}"), text))
