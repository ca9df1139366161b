"""The watch over the files of a contract goes on, whatever comes of a change."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from eqkit.contract.loading.any_contract import Loaded, load_any
from eqkit.errors import ContractError, SettingsError
from eqkit.web.contracts.watching import Watcher

PATIENCE_S = 20
"""After this long a change that is not seen fails the test."""

CONTRACT = "openapi: 3.1.0\ninfo: {title: %s, version: '1'}\npaths: {}\n"


@pytest.fixture(autouse=True)
def _in_caplog(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ran in this process may have taken the log for itself."""
    monkeypatch.setattr(logging.getLogger("eqkit"), "propagate", True)


def served(file: Path, *outcomes: Callable[[], None]) -> list[str]:
    """Return the titles that are served once a file has changed; each of its loads begins with an outcome."""
    file.write_text(CONTRACT % "First")
    titles: list[str] = []

    def change(title: str) -> None:
        file.write_text(CONTRACT % title)

    async def watch() -> None:
        left, is_done = [*outcomes], asyncio.Event()
        loop = asyncio.get_running_loop()

        def load() -> Loaded:
            loaded = load_any(str(file))
            if left:
                # The next change comes by itself, as those of a user do.
                loop.call_soon_threadsafe(change, "More" * len(left))
                left.pop(0)()
            return loaded

        def serve(loaded: Loaded) -> None:
            titles.append(loaded.title)
            is_done.set()

        watching = asyncio.create_task(Watcher(load, serve, load_any(str(file))).run())
        change("Changed")
        await asyncio.wait_for(is_done.wait(), PATIENCE_S)
        watching.cancel()

    asyncio.run(watch())
    return titles


@pytest.mark.parametrize("error", [ContractError("no"), SettingsError("no"), RuntimeError("no")])
def test_an_error_does_not_end_the_watch(tmp_path: Path, error: Exception) -> None:
    """Of the contract, of a setting whose file is gone, or of our own: the next change is served."""

    def fail() -> None:
        raise error

    assert served(tmp_path / "openapi.yaml", fail) == ["More"]


def test_a_file_that_is_read_while_it_is_written_is_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An error of half a file is not logged, since the other half is there by then."""
    file = tmp_path / "openapi.yaml"

    def half() -> None:
        file.write_text(CONTRACT % "Whole at last")
        raise ContractError("half a file")

    assert served(file, half)
    assert "half a file" not in caplog.text
