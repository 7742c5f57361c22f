"""The benchmark measures what it says: whole answers only, differences to direct, ratios to g4f."""

import asyncio

import pytest

from bench.load import Job, Load
from bench.report import rows
from bench.upstream import Upstream
from bench.workload import SCENARIOS, TOKEN, Kind, Scenario, messages, request_body


def scenario(kind: Kind, *, chunks: int = 0, pace_ms: int = 0) -> Scenario:
    return Scenario(name="here", title="here", kind=kind, concurrency=2, chunks=chunks, pace_ms=pace_ms)


def job(port: int) -> Job:
    return Job(
        scenario="here",
        port=port,
        path="/v1/chat/completions",
        headers={},
        models=["m"],
        pids=[],
        seconds=0.1,
        warm_up=0.0,
    )


@pytest.fixture
async def port():
    wheels, orders = {}, {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Upstream(wheels, orders), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.parametrize(
    "measured", [scenario(Kind.WHOLE), scenario(Kind.STREAM, chunks=7), scenario(Kind.PACED, chunks=2, pace_ms=3)]
)
async def test_the_load_generator_accepts_every_answer_of_the_mock_upstream(port, measured):
    found = await Load(job(port), measured).run()
    assert found.answers > 0
    assert found.errors == {}


async def test_an_answer_with_a_token_too_few_does_not_count(port):
    load = Load(job(port), scenario(Kind.STREAM, chunks=7))
    load.tokens += 1
    found = await load.run()
    assert found.answers == 0
    assert set(found.errors) == {"tokens missing"}


@pytest.mark.parametrize("measured", SCENARIOS, ids=lambda one: one.name)
def test_a_request_is_as_large_as_its_scenario_says(measured):
    assert len(request_body(measured, "bench-0")) == pytest.approx(measured.request_bytes, rel=0.1)
    assert TOKEN.decode() not in str(messages(measured))


def sample(answers: int, cpu: float, latency: float) -> dict[str, object]:
    return {
        "answers": answers,
        "tokens": 0,
        "errors": {},
        "wall": 1.0,
        "cpu": cpu,
        "rss": 1.0,
        "latency_us": (latency, latency),
        "first_us": None,
    }


def test_the_report_takes_medians_and_holds_them_against_direct_and_g4f():
    taken = {
        "direct": [sample(1000, 0.0, 20.0)] * 3,
        "g4f": [sample(100, 0.01, 120.0), sample(100, 0.01, 100.0), sample(100, 9.0, 9000.0)],
        "other": [sample(100, 0.02, 220.0)] * 3,
    }
    direct, ours, other = rows(scenario(Kind.WHOLE), taken)
    assert (direct.each_us, direct.added_p50_us) == (None, None)
    assert ours.each_us == pytest.approx(100.0)
    assert ours.added_p50_us == pytest.approx(100.0)
    assert (ours.ratio, other.ratio) == (pytest.approx(1.0), pytest.approx(0.5))
