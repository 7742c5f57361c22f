"""Spans of requests, as a collector gets them, and the context as upstreams do."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from g4f.api.keys import METER
from tests.support.caller import chat
from tests.support.replies import Completion, Status
from tests.support.upstream import Upstream

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
COMING = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=1"}


class Collector:
    """A collector on loopback; `spans` are those that came, by the names of their attributes."""

    def __init__(self):
        self.spans, self.headers, self.status = [], [], 200
        app = web.Application()
        app.router.add_post("/v1/traces", self.take)
        self.server = TestServer(app)

    async def take(self, request):
        self.headers.append(request.headers)
        message = ExportTraceServiceRequest.FromString(await request.read())
        for resource in message.resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans
        return web.Response(status=self.status)

    @property
    def url(self):
        return str(self.server.make_url("/v1/traces"))


@pytest.fixture
async def collector():
    collector = Collector()
    await collector.server.start_server()
    yield collector
    await collector.server.close()


def attributes(span):
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def written(collector, *upstreams, sample=100, told="true"):
    names = "AB"[: len(upstreams)]
    rows = ", ".join(
        f'{name}: {{base_url: "{upstream.url}", retries: 0, trace_context: {told}}}'
        for name, upstream in zip(names, upstreams, strict=True)
    )
    where = f'{{endpoint: "{collector.url}", headers: {{x-key: canary}}, sample: {sample}}}'
    return f"{{traces: {where}, providers: {{{rows}}}, models: {{m: {{chain: [{', '.join(names)}]}}}}}}"


async def ask(client, headers=COMING, **fields):
    async with client.post("/v1/chat/completions", json=chat("m", **fields), headers=headers) as answer:
        await answer.read()
        return answer


async def sent(client):
    """Let the spans go out now."""
    import asyncio

    meter = client.app_meter
    meter.journal.drain()
    await asyncio.to_thread(meter.tracing.flush)


@pytest.fixture
def traced(serve):
    async def start(text):
        client = await serve(text)
        client.app_meter = client.server.app[METER]
        return client

    return start


@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_and_its_attempts_are_spans_of_the_trace_that_it_came_with(traced, collector, stream):
    async with Upstream(Status(500)) as bad, Upstream(Completion(usage=(7, 3))) as good:
        client = await traced(written(collector, bad, good))
        await ask(client, stream=stream)
        await sent(client)
    request, first, second = collector.spans
    assert {span.trace_id.hex() for span in collector.spans} == {TRACE}
    assert request.parent_span_id.hex() == PARENT
    assert first.parent_span_id == second.parent_span_id == request.span_id
    said = attributes(request)
    assert (request.name, said["gen_ai.operation.name"], said["gen_ai.request.model"]) == ("chat m", "chat", "m")
    assert (said["gen_ai.usage.input_tokens"], said["gen_ai.usage.output_tokens"]) == (7, 3)
    assert (said["http.response.status_code"], said["g4f.attempts"]) == (200, 2)
    assert said.get("gen_ai.request.stream") == (True if stream else None)
    assert ("gen_ai.response.time_to_first_chunk" in said) == stream
    assert (attributes(first)["error.type"], attributes(first)["g4f.outcome"]) == ("server_error", "failed")
    assert attributes(second)["gen_ai.provider.name"] == "B"
    assert (first.status.code, second.status.code) == (2, 0)
    assert request.start_time_unix_nano <= first.start_time_unix_nano <= second.start_time_unix_nano
    assert second.end_time_unix_nano <= request.end_time_unix_nano
    assert collector.headers[0]["x-key"] == "canary"


async def test_an_upstream_is_told_the_span_that_asks_it(traced, collector):
    async with Upstream(Status(500)) as bad, Upstream(Completion()) as good:
        client = await traced(written(collector, bad, good))
        await ask(client)
        await sent(client)
    for upstream, span in ((bad, collector.spans[1]), (good, collector.spans[2])):
        headers = upstream.requests[0].headers
        assert headers["traceparent"] == f"00-{TRACE}-{span.span_id.hex()}-01"
        assert headers["tracestate"] == "vendor=1"


async def test_an_upstream_that_is_not_to_know_is_told_nothing(traced, collector):
    async with Upstream(Completion()) as upstream:
        client = await traced(written(collector, upstream, told="false"))
        await ask(client)
        await sent(client)
    assert not {"traceparent", "tracestate"} & upstream.requests[0].headers.keys()
    assert len(collector.spans) == 2


async def test_who_does_not_sample_is_not_traced_but_passed_on(traced, collector):
    async with Upstream(Completion()) as upstream:
        client = await traced(written(collector, upstream))
        await ask(client, {"traceparent": COMING["traceparent"][:-1] + "0"})
        await sent(client)
    assert collector.spans == []
    assert upstream.requests[0].headers["traceparent"].endswith("-00")


async def test_a_collector_that_fails_costs_spans_and_no_request(traced, collector):
    collector.status = 400
    async with Upstream(Completion()) as upstream:
        client = await traced(written(collector, upstream))
        assert (await ask(client)).status == 200
        await sent(client)
        async with client.get("/metrics") as answer:
            assert 'g4fd_trace_spans_total{result="dropped"} 2.0' in await answer.text()


async def test_nothing_is_traced_that_no_file_asks_for(traced):
    async with Upstream(Completion()) as upstream:
        client = await traced(
            f'{{providers: {{A: {{base_url: "{upstream.url}", trace_context: true}}}}, models: {{m: {{chain: [A]}}}}}}'
        )
        await ask(client)
    assert "traceparent" not in upstream.requests[0].headers
