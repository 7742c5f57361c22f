"""Each row of the catalogue: what the client sees, who is asked, and who is left alone afterwards."""

import ast
from pathlib import Path

import pytest

from tests.faults.catalogue import ELSEWHERE_CHECKED, ROWS, Row
from tests.faults.places import Answers, Tls
from tests.support.caller import text_of
from tests.support.proxies import SocksProxy
from tests.support.replies import Completion
from tests.support.upstream import Upstream

ROOT = Path(__file__).parents[2]
FILE = """
providers:
  Bad: {{dialect: openai, base_url: "{bad}", keyless: true, proxy: {proxy}, timeouts: {limits}}}
  Good: {{dialect: openai, base_url: "{good}", keyless: true}}
models:
  alone: {{chain: [Bad/m]}}
  pair: {{chain: [Bad/m, Good/m]}}
  once: {{chain: [{{provider: Bad, model: m, retries: 0}}]}}
"""
SHORT = "{connect: 40ms, first_token: 80ms, answer: 80ms, idle: 80ms}"
LONG = "{connect: 3s, first_token: 8s, answer: 8s, idle: 8s}"


def cases(*, transport=False):
    rows = [row for row in ROWS if row.transport or not transport]
    return [pytest.param(row, mode, id=f"{row.id}, {mode}") for row in rows for mode in row.modes]


async def meet(row: Row, mode: str, serve, authority, proxy: str = "none"):
    async with row.place.open(authority) as bad, Upstream(Completion("good words")) as good:
        limits = SHORT if row.timed else LONG
        served = await serve(FILE.format(bad=bad, good=good.url, proxy=proxy, limits=limits))
        await _alone(row, mode, served)
        served.gateway.health.forget("Bad")
        await _before_another(row, mode, served, good)
        served.gateway.health.forget("Bad")
        await _again_and_again(row, mode, served)


async def _alone(row, mode, served):
    answer = await served.chat("alone", stream=mode == "stream")
    body = await answer.json()
    error, seen = body["error"], row.seen
    assert (answer.status, error["type"], error["code"]) == (seen.status, seen.type, seen.code), error["message"]
    assert {"message", "type", "param", "code"} <= error.keys()
    assert len(error["attempts"]) == int(answer.headers["x-g4f-attempts"]) == seen.calls
    assert answer.headers["x-should-retry"] == "false"
    if seen.retry_after is not None or seen.cools != 1:
        assert answer.headers.get("Retry-After") == seen.retry_after
    if seen.falls_back:
        assert len(set(served.naps)) <= 1, "the dice fall on 0: a retry does not wait"


async def _before_another(row, mode, served, good):
    answer = await served.chat("pair", stream=mode == "stream")
    if not row.seen.falls_back:
        assert (answer.status, good.requests) == (row.seen.status, [])
        return
    assert (answer.status, answer.headers["x-g4f-provider"]) == (200, "Good"), await answer.text()
    if mode == "whole":
        assert (await answer.json())["choices"][0]["message"]["content"] == "good words"
        return
    events = [line.removeprefix("data: ") for line in (await answer.text()).split("\n\n") if line]
    assert (text_of(events), events[-1]) == ("good words", "[DONE]")
    assert all('"provider": "Bad"' not in event for event in events)


async def _again_and_again(row, mode, served):
    for failures in range(row.seen.cools or 6):
        assert served.cooling == [], f"cools down after {failures} failures"
        answer = await served.chat("once", stream=mode == "stream")
        assert answer.status == row.seen.status
        await answer.read()
    if not row.seen.cools:
        assert served.cooling == []
        return
    [(provider, kind, seconds)] = served.cooling
    assert provider == "Bad"
    assert seconds == pytest.approx(row.seen.seconds), kind


@pytest.mark.parametrize(("row", "mode"), cases())
async def test_a_fault_before_content(row, mode, serve, trusted):
    await meet(row, mode, serve, trusted)


@pytest.mark.parametrize(("row", "mode"), cases(transport=True))
async def test_a_fault_behind_a_proxy(row, mode, serve, trusted):
    async with SocksProxy() as proxy:
        await meet(row, mode, serve, trusted, proxy.url)
        assert proxy.targets


async def test_the_tls_upstream_of_these_rows_is_good_but_for_its_fault(serve, trusted):
    async with Tls().open(trusted) as url:
        served = await serve(FILE.format(bad=url, good=url, proxy="none", limits=LONG))
        assert (await served.chat("alone", stream=True)).status == 200


def test_every_row_of_the_page_is_checked_somewhere():
    assert {row.number for row in ROWS} | ELSEWHERE_CHECKED.keys() == {*range(1, 51), "keep-alive"}


@pytest.mark.parametrize("place", sorted(set(ELSEWHERE_CHECKED.values())))
def test_what_a_row_points_to_exists(place):
    file, _, name = place.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    names = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    assert not name or name in names


def test_only_scripted_upstreams_are_met_through_a_proxy():
    assert all(isinstance(row.place, Answers) for row in ROWS if row.transport)
