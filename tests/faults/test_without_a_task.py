"""A fault of a plain chat that was sent without a task: all is as if a task had waited from the start."""

import pytest

from g4f.api.taskless import Taskless
from tests.faults.catalogue import ROWS
from tests.faults.places import Answers
from tests.faults.test_catalogue import FILE, LONG, SHORT, _alone, _before_another
from tests.support.replies import Completion
from tests.support.upstream import Upstream

SCRIPTED = [row for row in ROWS if "whole" in row.modes and isinstance(row.place, Answers)]


@pytest.fixture
def taken_over(monkeypatch):
    """The chats that were begun without a task and went on in one."""
    found = []
    go_on = Taskless.take_over

    def note(self):
        found.append(self)
        go_on(self)

    monkeypatch.setattr(Taskless, "take_over", note)
    return found


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in SCRIPTED])
async def test_a_fault_is_the_same_without_a_task(row, serve, trusted, taken_over):
    async with Upstream() as bad, Upstream(Completion("good words")) as good:
        limits = SHORT if row.timed else LONG
        served = await serve(FILE.format(bad=bad.url, good=good.url, proxy="none", limits=limits))
        for check in (_alone, lambda *about: _before_another(*about, good)):
            bad.script(Completion())
            for model in ("alone", "pair"):  # its head and its chain become known, and a connection stays
                assert (await served.chat(model, stream=False)).status == 200
            bad.script(*row.place.replies)
            before = len(taken_over)
            await check(row, "whole", served)
            assert len(taken_over) == before + 1
            served.gateway.health.forget("Bad")
