"""A part that takes time to make holds nobody up, and is made once for all that ask."""

import asyncio
import sys
import threading
from typing import Any

import pytest

from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.web.background import SWITCH_S, Background, beside
from tests.clients import Client
from tests.control import Control


def test_the_event_loop_goes_on_while_something_is_made() -> None:
    """Only the tasks that ask for it wait, and all get the same object."""
    go_on = threading.Event()

    def make() -> object:
        assert go_on.wait(20)
        return object()

    async def ask() -> None:
        background = Background(make)
        first, second = asyncio.create_task(background.get()), asyncio.create_task(background.get())
        done, _ = await asyncio.wait({first, second}, timeout=0.01)
        assert not done  # and still this line is reached
        go_on.set()
        assert await first is await second is await background.get()

    asyncio.run(ask())


def test_a_client_that_gives_up_takes_nothing_from_the_others() -> None:
    """A client that leaves while it waits cancels its own request."""
    go_on = threading.Event()
    background = Background(lambda: go_on.wait(20))

    async def ask() -> None:
        impatient, patient = asyncio.create_task(background.get()), asyncio.create_task(background.get())
        await asyncio.sleep(0)
        impatient.cancel()
        go_on.set()
        assert await patient
        assert impatient.cancelled()

    asyncio.run(ask())


def test_it_belongs_to_no_event_loop() -> None:
    """A test may have a loop of its own, and the next one another."""
    background = Background(object)
    assert asyncio.run(background.get()) is asyncio.run(background.get())


def test_threads_at_work_at_once_leave_the_interpreter_as_it_was() -> None:
    """Turns are short while any thread is at work, and as long as before once none is."""
    before_s, go_on = sys.getswitchinterval(), (threading.Event(), threading.Event())
    is_at_work = threading.Event(), threading.Event()

    def work(number: int) -> bool:
        is_at_work[number].set()
        return go_on[number].wait(20)

    async def overlap() -> None:
        background = Background(lambda: work(0))
        first = asyncio.create_task(background.get())
        second = asyncio.create_task(beside(work, 1))
        for each in is_at_work:
            assert await asyncio.to_thread(each.wait, 20)
        go_on[0].set()
        assert await first
        assert sys.getswitchinterval() == pytest.approx(min(before_s, SWITCH_S))
        go_on[1].set()
        assert await second

    asyncio.run(overlap())
    assert sys.getswitchinterval() == pytest.approx(before_s)


def test_an_error_reaches_every_request() -> None:
    """The first request and every later one get the error."""

    def make() -> object:
        raise LookupError("there is none")

    background = Background(make)
    for _ in range(2):
        with pytest.raises(LookupError, match="there is none"):
            asyncio.run(background.get())


def test_other_requests_are_answered_while_the_control_plane_is_built() -> None:
    """The first request to /_mock waits for it; other requests meanwhile do not."""
    application = elasticqueue(ElasticQueueSettings())

    async def both() -> list[str]:
        order: list[str] = []

        async def ask(client: Client | Control, path: str) -> None:
            assert (await client.send("GET", path)).status_code == 200
            order.append(path)

        first = asyncio.create_task(ask(Control(application), "/clock"))
        for _ in range(5):
            await ask(Client(application), "/health")
        await first
        return order

    assert asyncio.run(both())[-1] == "/clock"


class _Alarms(asyncio.SelectorEventLoop):
    """An event loop whose alarms ring at once."""

    def call_later(self, _delay: float, *args: Any, **kwargs: Any) -> asyncio.TimerHandle:  # type: ignore[override]
        return super().call_later(0, *args, **kwargs)


@pytest.mark.parametrize("control", [True, False])
def test_the_control_plane_is_begun_once_the_server_has_answered_for_a_while(control: bool) -> None:
    """The first answers are not held up by it; a server without a control plane builds none."""
    application = elasticqueue(ElasticQueueSettings(control=control))

    async def start() -> None:
        application.prepare()
        assert not application._control._begun.locked()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=_Alarms) as runner:
        runner.run(start())
    assert application._control._begun.locked() == control


def test_of_several_changes_in_a_row_the_control_plane_of_the_last_is_built() -> None:
    """A save in steps would else build one for each step, one beside the other."""
    application = elasticqueue(ElasticQueueSettings())
    first = application._control

    async def change() -> None:
        application.prepare_control()
        application._control = Background(application._build_control)
        application.prepare_control()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=_Alarms) as runner:
        runner.run(change())
    assert (first._begun.locked(), application._control._begun.locked()) == (False, True)
