"""A file that changes under a running daemon: what takes effect, what is refused, and that no caller notices."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import Serve
from tests.support.caller import Answer, chat, get, post, text_of
from tests.support.daemon import Daemon
from tests.support.files import atomic_write, symlink_swap, write_config
from tests.support.replies import Completion, Gate, Stream
from tests.support.upstream import Upstream
from tests.support.wire import free_port

pytestmark = pytest.mark.e2e

Write = Callable[[Path, str], object]

BAD = "models:\n  m:\n    chain: [Lab\n"


@pytest.fixture
async def lab() -> AsyncIterator[Upstream]:
    async with Upstream(Completion("from Lab")) as lab:
        yield lab


def file(upstream: Upstream, *models: str, provider: str = "Lab") -> str:
    """A g4f.yaml with `m` and further models, all at one provider."""
    chains = "".join(f"  {name}: {{chain: [{provider}]}}\n" for name in ("m", *models))
    return f'defaults: {{retries: 0}}\nproviders:\n  {provider}: {{base_url: "{upstream.url}"}}\nmodels:\n{chains}'


async def ask(daemon: Daemon, model: str = "m", **fields: object) -> Answer:
    return await post(f"{daemon.url}/v1/chat/completions", chat(model, **fields))


async def generation(daemon: Daemon) -> int:
    return int((await get(f"{daemon.url}/v1/models")).headers["x-g4f-generation"])


@pytest.mark.parametrize("write", [write_config, atomic_write, symlink_swap])
async def test_a_change_takes_effect_however_it_gets_onto_the_disk(serve: Serve, lab: Upstream, write: Write):
    daemon = await serve(file(lab))
    for number in (1, 2):  # what sees the first change of a file is not sure to see the second
        write(daemon.config, file(lab, f"new-{number}"))
        applied = await daemon.logged("config.applied", count=number)
        assert (applied["generation"], applied["reason"]) == (number + 1, "file")
        answer = await ask(daemon, f"new-{number}")
        assert (answer.status, answer.headers["x-g4f-generation"]) == (200, str(number + 1))


async def test_a_signal_reloads(serve: Serve, lab: Upstream):
    daemon = await serve(file(lab))
    write_config(daemon.config, file(lab, "new"))
    daemon.reload()
    await daemon.logged("config.applied")
    assert (await ask(daemon, "new")).status == 200


async def test_the_generation_grows_only_with_a_real_change(serve: Serve, lab: Upstream):
    daemon = await serve(file(lab))
    for _ in range(5):
        atomic_write(daemon.config, file(lab))
        daemon.reload()
        assert {await generation(daemon) for _ in range(20)} == {1}
    atomic_write(daemon.config, file(lab, "new"))
    assert (await daemon.logged("config.applied"))["generation"] == 2
    assert await generation(daemon) == 2


async def test_a_bad_file_changes_nothing_and_its_place_is_logged_once(serve: Serve, lab: Upstream):
    daemon = await serve(file(lab))
    write_config(daemon.config, BAD)
    refused = await daemon.logged("config.refused")
    assert (refused["level"], refused["generation"]) == ("error", 1)
    assert any(problem.startswith(f"{daemon.config}:4:1: ") for problem in refused["problems"])  # `]` is missing
    atomic_write(daemon.config, BAD)
    for _ in range(50):
        answer = await ask(daemon)
        assert (answer.text, answer.headers["x-g4f-generation"]) == ("from Lab", "1")
    write_config(daemon.config, file(lab, "new"))
    await daemon.logged("config.applied")
    assert len(daemon.log_lines("config.refused")) == 1
    assert len(daemon.log_lines("config.mended")) == 1


async def test_a_file_that_vanishes_changes_nothing_and_is_followed_again_when_it_is_back(serve: Serve, lab: Upstream):
    daemon = await serve(file(lab))
    daemon.config.unlink()
    await daemon.logged("config.refused")
    assert (await ask(daemon)).text == "from Lab"
    write_config(daemon.config, file(lab))
    await daemon.logged("config.mended")
    assert await generation(daemon) == 1
    atomic_write(daemon.config, file(lab, "new"))
    await daemon.logged("config.applied")
    assert (await ask(daemon, "new")).status == 200


async def test_a_new_address_is_said_to_need_a_restart_while_the_rest_takes_effect(serve: Serve, lab: Upstream):
    here, there = (f"server: {{listen: 127.0.0.1:{free_port()}}}\n" for _ in range(2))
    daemon = await serve(here + file(lab), listen=None)
    write_config(daemon.config, there + file(lab, "new"))
    warning = await daemon.logged("config.needs_restart")
    assert "server.listen" in warning["problem"]
    assert (await ask(daemon, "new")).status == 200


async def test_a_key_file_that_changes_is_used_at_once(serve: Serve, lab: Upstream, tmp_path: Path):
    secret = write_config(tmp_path / "secret", "first-upstream-key\n")
    text = file(lab).replace('"}', f'", keys: [{{name: main, file: {secret}}}]}}')
    daemon = await serve(text)
    await ask(daemon)
    atomic_write(secret, "second-upstream-key\n")
    await daemon.logged("config.applied")
    await ask(daemon)
    assert [request.key for request in lab.requests] == ["first-upstream-key", "second-upstream-key"]


async def test_an_inbound_key_that_is_taken_away_opens_nothing_any_more(serve: Serve, lab: Upstream):
    keys = "server: {keys: [{name: a, key: first-key-0123456789}, {name: b, key: other-key-0123456789}]}\n"
    daemon = await serve(keys + file(lab))
    url, old = f"{daemon.url}/v1/models", {"x-api-key": "first-key-0123456789"}
    assert (await get(url, old)).status == 200
    atomic_write(daemon.config, keys.replace("first", "third") + file(lab))
    await daemon.logged("config.applied")
    assert (await get(url, old)).status == 401
    assert (await get(url, {"x-api-key": "third-key-0123456789"})).status == 200


async def test_a_stream_ends_on_the_configuration_it_began_with(serve: Serve, lab: Upstream):
    gate = Gate()
    async with Upstream(Stream(["old", gate, " to the end"])) as old:
        daemon = await serve(file(old, provider="Old"))
        stream = asyncio.ensure_future(ask(daemon, stream=True))
        await gate.arrived()
        atomic_write(daemon.config, file(lab))
        await daemon.logged("config.applied")
        assert (await ask(daemon)).text == "from Lab"
        gate.open()
        answer = await stream
        assert (text_of(answer.events), answer.events[-1]) == ("old to the end", "[DONE]")
        assert (answer.headers["x-g4f-generation"], answer.headers["x-g4f-provider"]) == ("1", "Old")
        await old.idle()  # with its last stream the old snapshot lets go of its connections


EDITS, STREAMS, CALLERS, ANSWERS_PER_EDIT = 200, 20, 4, 10


async def test_two_hundred_edits_under_load_cost_no_request_and_no_stream(serve: Serve, lab: Upstream):
    gate, done = Gate(), asyncio.Event()
    answers: list[Answer] = []
    news = asyncio.Condition()

    async def call(daemon: Daemon) -> None:
        last = 0
        while not done.is_set():
            answer = await ask(daemon, stream=len(answers) % 5 == 0)
            last, before = int(answer.headers["x-g4f-generation"]), last
            assert last >= before
            async with news:
                answers.append(answer)
                news.notify_all()

    async with Upstream(Stream(["from", gate, " Old"])) as old, Upstream(Completion("from Lab")) as other:
        daemon = await serve(file(old, provider="Old"))
        streams = [asyncio.ensure_future(ask(daemon, stream=True)) for _ in range(STREAMS)]
        await gate.arrived(STREAMS)
        atomic_write(daemon.config, file(lab))
        await daemon.logged("config.applied")
        memory = daemon.rss_mib()

        async with asyncio.TaskGroup() as callers:
            for _ in range(CALLERS):
                callers.create_task(call(daemon))
            edits = _edits(lab, other)
            for number in range(EDITS):
                write, text = next(edits)
                write(daemon.config, text)
                if number % 3 == 0:
                    daemon.reload()
                async with news:
                    wanted = len(answers) + ANSWERS_PER_EDIT
                    await news.wait_for(lambda wanted=wanted: len(answers) >= wanted)
            atomic_write(daemon.config, file(lab, "last"))
            while (await ask(daemon, "last")).status != 200:
                pass
            done.set()

        gate.open()
        ended = await asyncio.gather(*streams)
    assert {answer.status for answer in answers} == {200}
    assert {_text(answer) for answer in answers} == {"from Lab"}
    assert {(text_of(answer.events), answer.events[-1]) for answer in ended} == {("from Old", "[DONE]")}
    assert {answer.headers["x-g4f-generation"] for answer in ended} == {"1"}
    assert len(daemon.log_lines("config.applied")) >= 5
    assert len(daemon.log_lines("config.refused")) >= 3
    assert not daemon.log_lines("attempt.failed")
    assert daemon.rss_mib() < memory + 50


def _edits(lab: Upstream, other: Upstream) -> Iterator[tuple[Write, str]]:
    """Good and bad files in turn, in each way of writing; good ones also change who serves."""
    for number in count():
        write = (write_config, atomic_write, symlink_swap)[number // 2 % 3]
        good = file(other, f"new-{number}", provider="Other") if number % 4 else file(lab, f"new-{number}")
        bad = (BAD, "", "nonsense: true\n", file(lab).replace("[Lab]", "[Lob]"))[number // 6 % 4]
        yield write, bad if number % 2 else good


def _text(answer: Answer) -> str:
    if answer.headers["content-type"].startswith("text/event-stream"):
        assert answer.events[-1] == "[DONE]"
        return text_of(answer.events)
    return answer.text
