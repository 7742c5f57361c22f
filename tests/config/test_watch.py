"""A change of the configuration is noticed however it is made."""

import asyncio
import shutil
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from g4f.config import watch
from g4f.config.watch import Reason, changes

#: Longer than any test may take: what comes is then never a poll.
NEVER = 1000.0
Next = Callable[[], "asyncio.Task[Reason]"]


@asynccontextmanager
async def watching(*paths: Path, nudge: asyncio.Event | None = None, poll: float = NEVER) -> AsyncGenerator[Next]:
    found = changes(lambda: paths, nudge=nudge or asyncio.Event(), poll=poll, debounce=0.02, max_delay=0.2)

    def upcoming() -> "asyncio.Task[Reason]":
        async def wait() -> Reason:
            return await anext(found)

        return asyncio.ensure_future(wait())

    try:
        yield upcoming
    finally:
        await found.aclose()


async def _settled(task: "asyncio.Task[Reason]") -> None:
    """Let the watch be set up: it takes a few turns of the loop and no time."""
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done()


async def _noticed(task: "asyncio.Task[Reason]", act: Callable[[], object]) -> Reason:
    await _settled(task)
    act()
    return await asyncio.wait_for(task, 10)


def _replace(path: Path, content: str) -> None:
    other = path.with_suffix(".new")
    other.write_text(content)
    other.replace(path)


async def test_a_write_in_place_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "g4f.yaml"
    file.write_text("a")
    async with watching(file) as upcoming:
        assert await _noticed(upcoming(), lambda: file.write_text("other")) == "file"


async def test_a_change_before_the_watch_could_begin_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "g4f.yaml"
    file.write_text("a")
    monkeypatch.setattr(watch, "LOAD_AFTER", 0.0)
    monkeypatch.delitem(sys.modules, "watchfiles", raising=False)
    async with watching(file) as upcoming:
        task = upcoming()
        await asyncio.sleep(0)
        file.write_text("other")
        assert await asyncio.wait_for(task, 10) == "file"


async def test_every_one_of_several_renames_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "g4f.yaml"
    file.write_text("a")
    async with watching(file) as upcoming:
        for number in range(3):
            assert await _noticed(upcoming(), lambda n=number: _replace(file, f"version {n}")) == "file"


async def test_a_swap_of_a_linked_directory_is_seen(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "g4f.yaml").write_text(name)
    current = tmp_path / "..data"
    current.symlink_to("one")
    file = tmp_path / "g4f.yaml"
    file.symlink_to("..data/g4f.yaml")

    def swap(name: str) -> None:
        (tmp_path / "..tmp").symlink_to(name)
        (tmp_path / "..tmp").replace(current)

    async with watching(file) as upcoming:
        assert await _noticed(upcoming(), lambda: swap("two")) == "file"
        assert await _noticed(upcoming(), lambda: swap("three")) == "file"


async def test_a_write_to_the_target_of_a_link_is_seen(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "g4f.yaml"
    target.write_text("a")
    (tmp_path / "etc").mkdir()
    link = tmp_path / "etc" / "g4f.yaml"
    link.symlink_to(target)
    async with watching(link) as upcoming:
        assert await _noticed(upcoming(), lambda: _replace(target, "other")) == "file"


async def test_a_directory_that_vanishes_and_comes_back_is_watched_again(tmp_path: Path) -> None:
    directory = tmp_path / "etc"
    directory.mkdir()
    file = directory / "g4f.yaml"
    file.write_text("a")
    async with watching(file) as upcoming:
        assert await _noticed(upcoming(), lambda: shutil.rmtree(directory)) == "file"

        def come_back() -> None:
            directory.mkdir()
            file.write_text("b")

        assert await _noticed(upcoming(), come_back) == "file"


async def test_the_files_of_keys_are_watched_too(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    secret = tmp_path / "run" / "key"
    file = tmp_path / "g4f.yaml"
    for path in (secret, file):
        path.write_text("a")
    async with watching(file, secret) as upcoming:
        assert await _noticed(upcoming(), lambda: _replace(secret, "other")) == "file"


async def test_other_files_in_the_directory_wake_nobody(tmp_path: Path) -> None:
    file = tmp_path / "g4f.yaml"
    file.write_text("a")
    nudge = asyncio.Event()
    async with watching(file, nudge=nudge) as upcoming:
        task = upcoming()
        await _settled(task)
        (tmp_path / "log").write_text("noise")
        _, pending = await asyncio.wait([task], timeout=0.2)
        assert pending
        nudge.set()
        assert await asyncio.wait_for(task, 10) == "signal"


async def test_a_signal_is_passed_on_and_cleared(tmp_path: Path) -> None:
    nudge = asyncio.Event()
    async with watching(tmp_path / "g4f.yaml", nudge=nudge) as upcoming:
        nudge.set()
        assert await asyncio.wait_for(upcoming(), 10) == "signal"
        assert not nudge.is_set()


async def test_the_poll_goes_on_where_nothing_can_be_watched() -> None:
    async with watching(Path("/nowhere/at/all/g4f.yaml"), poll=0.01) as upcoming:
        for _ in range(3):
            assert await asyncio.wait_for(upcoming(), 10) == "poll"


async def test_a_loop_of_links_is_survived(tmp_path: Path) -> None:
    loop = tmp_path / "g4f.yaml"
    loop.symlink_to(loop)
    async with watching(loop, poll=0.01) as upcoming:
        assert await asyncio.wait_for(upcoming(), 10) == "poll"
