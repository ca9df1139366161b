"""The server without a socket: code under test and test share one process and one event loop."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from eqkit.asgi import application
from eqkit.client import AsyncClient, DecodeError
from tests.clients import JSON_API, KEY, message
from tests.interfaces.test_client import DUE_MS, START
from tests.processes import PATIENCE_S


def test_an_application_is_asked_in_this_very_process() -> None:
    """With `app` no socket is opened: code under test and test share one event loop."""

    async def ask() -> list[str]:
        app = application(wait_until_unit="seconds", validate_responses=True)
        control = AsyncClient(key=KEY, app=app)
        transport = httpx.ASGITransport(app)
        async with (
            control.events.watch() as events,
            httpx.AsyncClient(transport=transport, base_url="http://mock.test") as http,
        ):
            await control.clock.freeze(START)
            response = await http.post(
                "/v1/queues/a-queue/messages",
                json={"data": message("hello", DUE_MS // 1000)},
                headers={"authorization": KEY, "content-type": JSON_API},
            )
            assert response.status_code == 202
            moved = await control.clock.advance("10m")
            assert app.broken == []
            return [moved.happened[0].kind, (await anext(events)).kind]

    assert asyncio.run(ask()) == ["message.delivered", "message.accepted"]


@pytest.mark.parametrize("bug", [ZeroDivisionError, ValueError])
def test_an_exception_of_the_application_is_raised(bug: type[Exception]) -> None:
    """A bug of the application is not hidden as an answer that did not come."""

    async def broken(*_: Any) -> None:
        raise bug("of the application")

    with pytest.raises(bug, match="of the application"):
        asyncio.run(AsyncClient(app=broken).clock.get())


@pytest.mark.parametrize("body", [b"hello", b"[]", b"{}", b'{"now": 1, "frozen": true, "rate": 1}'])
def test_an_answer_of_something_else_is_reported_as_such(body: bytes) -> None:
    """Another server on this port gives a word about it, and no error of Python's."""

    async def other(_scope: Any, _receive: Any, send: Callable[..., Any]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    with pytest.raises(DecodeError):
        asyncio.run(AsyncClient(app=other).clock.get())


def test_a_setting_that_there_is_not_is_refused() -> None:
    """A misspelt keyword would set nothing."""
    with pytest.raises(TypeError, match="there is no setting wait_unit"):
        application(wait_unit="seconds")


LIBRARIES = ("connexion", "httpx", "requests")
THREADS = f"""
import importlib, sys, threading
from types import ModuleType

def use(name):
    barrier.wait()
    try:
        module = importlib.import_module(name)
        module.App if name == "connexion" else module.get
    except BaseException as error:
        print(f"{{name}}: {{error!r}}")

libraries = {LIBRARIES}
modules = [*(["eqkit.asgi"] if AT_ONCE else []), *libraries * 4]
if AT_ONCE:
    use = lambda name, use=use: use(name) if name != "eqkit.asgi" else importlib.import_module(name)
else:
    import eqkit.asgi
    for name in libraries:
        if name in sys.modules and type(sys.modules[name]) is not ModuleType:
            print(f"{{name}} is half loaded")
barrier = threading.Barrier(len(libraries) * 4)
threads = [threading.Thread(target=use, args=[name]) for name in modules]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "afterwards"])
def test_importing_the_application_disturbs_no_other_import(at_once: bool) -> None:
    """Other threads import the libraries that Connexion knows, while or after it is imported."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"AT_ONCE = {at_once}\n{THREADS}"],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
