"""Contracts that are loaded anew when one of their files changes, while the server goes on."""

import asyncio
import logging
from collections.abc import Callable, Collection
from pathlib import Path

import watchfiles

from eqkit.contract.loading.any_contract import Loaded
from eqkit.errors import ContractError, EqkitError

logger = logging.getLogger(__name__)

LOOK_MS = 1_000
"""How often the files are looked at in any case, in milliseconds."""

STILL = "the contract from before is still served"

SETTLED_MS = 100
"""Changes that come this soon after one another, in milliseconds, are one: editors write a file in steps."""


class Watcher:
    """Watches the files of a contract; a broken one changes nothing but the log."""

    def __init__(self, load: Callable[[], Loaded], serve: Callable[[Loaded], None], loaded: Loaded) -> None:
        """Take a function that loads all files anew, one that serves the result, and the first result."""
        self._load = load
        self._serve = serve
        self._files = _named_by(loaded)
        self._unread: Collection[Path] = loaded.unread
        self._seen = self._signature()

    async def run(self) -> None:
        """Watch until the task is cancelled."""
        while True:
            await self._change()
            self._seen = self._signature()
            try:
                self._take(await asyncio.to_thread(self._load))
            except EqkitError as error:
                if self._has_changed():
                    continue  # it was read while somebody wrote it: the next look tells how it ended
                for line in str(error).split("\n"):
                    logger.error("%s", line)
                logger.error(STILL)
            except Exception:  # a bug of ours must not end the watch without a word
                logger.exception(STILL)
            else:
                logger.warning("the contract has changed, and is loaded anew")

    def _take(self, loaded: Loaded) -> None:
        """Serve a contract; raises ContractError for one that was broken by its last change."""
        # Files that cannot be used are watched, too; a change since they were read is found by the next look.
        self._seen |= {each: self._seen.get(each, _stamp(each)) for each in _named_by(loaded)}
        self._files = _named_by(loaded)
        for file, why in loaded.unread.items():
            if file not in self._unread:
                raise ContractError(why)
        self._serve(loaded)
        self._unread = loaded.unread

    async def _change(self) -> None:
        """Wait for a change of a file.

        Folders are watched, since an editor may put another file in the place of one; a look at the files
        themselves every now and then finds what no folder tells, as on a network drive.
        """
        folders = {each.resolve().parent for each in self._files}
        looks = watchfiles.awatch(
            *sorted(each for each in folders if each.is_dir()),
            debounce=SETTLED_MS,
            step=SETTLED_MS // 2,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            recursive=False,
        )
        async for _ in looks:
            if self._has_changed():
                return

    def _has_changed(self) -> bool:
        return self._signature() != {each: self._seen.get(each) for each in self._files}

    def _signature(self) -> dict[Path, tuple[int, int] | None]:
        return {each: _stamp(each) for each in self._files}


def _stamp(file: Path) -> tuple[int, int] | None:
    """Return time and size of a file; None if it is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _named_by(loaded: Loaded) -> Collection[Path]:
    """Return the files of a contract, with those that cannot be used until they are mended."""
    return (*loaded.files, *loaded.unread)
