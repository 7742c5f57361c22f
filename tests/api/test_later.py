"""What plain chats do without is loaded by the first request that needs it, and nobody can tell but by the time."""

import asyncio
import json
from contextlib import asynccontextmanager

from g4f.api.app import build_app
from g4f.api.chats import EARLY
from g4f.api.edge import Edge
from g4f.api.general import GeneralServer
from g4f.api.keys import GATEWAY, STATE
from tests.api.test_edge import BODY, CHAT, HOST, LIVEZ, answer, closed, file
from tests.support.loops import turns
from tests.support.wire import Wire

VERSION = b"GET /api/version HTTP/1.1\r\n" + HOST + b"\r\n"
MODELS = b"GET /v1/models HTTP/1.1\r\n" + HOST + b"\r\n"


class Late:
    """An edge over the application of a client whose general way is loaded when it `may`; it fails as often as told."""

    def __init__(self, client, failures=0):
        self.may = asyncio.Event()
        self.asked = 0
        self._failures = failures
        self._parts = client.app[GATEWAY], client.app[STATE]
        self.edge = Edge(*self._parts, EARLY, self._load)
        self.port = 0

    async def _load(self):
        self.asked += 1
        await self.may.wait()
        if self.asked <= self._failures:
            raise ImportError("taken away")
        server = GeneralServer(build_app(*self._parts))
        await server.open()
        return server

    @asynccontextmanager
    async def listening(self):
        server = await asyncio.get_running_loop().create_server(self.edge, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        yield self
        server.close()
        await self.edge.close()

    @asynccontextmanager
    async def dial(self, *sent):
        wire = await Wire.dial("127.0.0.1", self.port)
        for piece in sent:
            await wire.write(piece)
        try:
            yield wire
        finally:
            await wire.stop()

    async def waited_for(self):
        while not self.asked:
            await turns()


async def test_chats_are_answered_while_what_answers_the_rest_is_loaded(serve):
    async with Late(await serve(file())).listening() as late, late.dial(MODELS) as first, late.dial(VERSION) as second:
        await late.waited_for()
        async with late.dial(CHAT, CHAT) as chatting:
            for _ in range(2):
                assert (await answer(chatting))[0] == 200
        late.may.set()
        status, _, body = await answer(first)
        assert (status, json.loads(body)["data"][0]["id"]) == (200, "demo")
        assert (await answer(second))[0] == 200
        assert late.asked == 1


async def test_nothing_is_loaded_for_chats_and_probes_alone(serve):
    readyz = LIVEZ.replace(b"livez", b"readyz")
    async with Late(await serve(file())).listening() as late, late.dial(CHAT + LIVEZ + readyz + CHAT) as wire:
        answers = [await answer(wire) for _ in range(4)]
        assert [status for status, _, _ in answers] == 4 * [200]
        assert [json.loads(body).get("status") for _, _, body in answers] == [None, "ok", "ready", None]
        assert all(headers["x-request-id"] and headers["server"] == "g4fd" for _, headers, _ in answers)
        assert late.asked == 0


async def test_a_probe_is_answered_in_its_turn_and_closes_where_nothing_may_follow(serve):
    last = LIVEZ.replace(b"Host", b"Connection: close\r\nHost")
    async with Late(await serve(file())).listening() as late, late.dial(VERSION + LIVEZ) as wire:
        await late.waited_for()
        late.may.set()
        assert [list(json.loads((await answer(wire))[2])) for _ in range(2)] == [["version"], ["status"]]
        await wire.write(last)
        assert (await answer(wire))[1]["connection"] == "close"
        assert await closed(wire) == b""


async def test_a_server_on_its_way_out_is_not_ready_and_takes_no_more(serve):
    client = await serve(file())
    async with Late(client).listening() as late, late.dial(LIVEZ) as wire:
        assert (await answer(wire))[0] == 200
        client.app[STATE].drain()
        await wire.write(LIVEZ.replace(b"livez", b"readyz"))
        status, headers, body = await answer(wire)
        assert (status, headers["connection"], json.loads(body)) == (503, "close", {"status": "draining"})
        assert await closed(wire) == b""


async def test_requests_that_waited_are_answered_in_their_order(serve):
    one_each = [(True, False, False), (False, True, False), (False, False, True)]
    async with Late(await serve(file())).listening() as late, late.dial(VERSION + CHAT + MODELS[:20]) as wire:
        await late.waited_for()
        await wire.write(MODELS[20:])
        late.may.set()
        bodies = [json.loads((await answer(wire))[2]) for _ in range(3)]
        assert [("version" in body, "choices" in body, "data" in body) for body in bodies] == one_each


async def test_a_body_that_breaks_while_it_waits_is_refused(serve):
    head = b"POST /v1/embeddings HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    async with Late(await serve(file())).listening() as late, late.dial(head + b'5\r\n{"mod\r\nno size\r\n') as wire:
        await late.waited_for()
        late.may.set()
        status, _, body = await answer(wire)
        assert (status, json.loads(body)["error"]["code"]) == (400, "invalid_body")


async def test_a_large_body_that_waits_arrives_whole(serve):
    text = b" " * 600_000 + BODY
    head = b"POST /api/Demo/chat/completions HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(text)
    async with Late(await serve(file())).listening() as late, late.dial(head) as wire:
        await late.waited_for()
        writing = asyncio.ensure_future(wire.write(text))
        late.may.set()
        assert (await answer(wire))[0] == 200
        await writing


async def test_a_client_that_leaves_while_it_waits_is_forgotten(serve):
    async with Late(await serve(file())).listening() as late, late.dial(VERSION) as staying:
        async with late.dial(VERSION):
            await late.waited_for()
        late.may.set()
        assert (await answer(staying))[0] == 200


async def test_what_cannot_be_loaded_is_a_500_and_tried_again_for_the_next_request(serve):
    async with Late(await serve(file()), failures=1).listening() as late, late.dial(VERSION) as wire:
        await late.waited_for()
        late.may.set()
        status, headers, body = await answer(wire)
        assert (status, headers["connection"]) == (500, "close")
        assert "taken away" not in body.decode()
        assert await closed(wire) == b""
        async with late.dial(CHAT) as chatting:
            assert (await answer(chatting))[0] == 200
        async with late.dial(VERSION) as again:
            assert (await answer(again))[0] == 200
        assert late.asked == 2


async def test_a_server_on_its_way_out_still_answers_those_that_wait(serve):
    async with Late(await serve(file())).listening() as late, late.dial(VERSION) as wire:
        await late.waited_for()
        loaded = asyncio.ensure_future(late.edge.loaded())
        late.edge.close_idle()
        late.may.set()
        await loaded
        assert (await answer(wire))[0] == 200
