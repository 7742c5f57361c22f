"""Requests over one pool of direct connections, with a time limit on everything."""

import asyncio

import pytest

from g4f.exchange.failure import AttemptFailed
from g4f.providers.direct import DirectPool

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
BODY, OTHER = b'{"model":"m"}', b'{"model":"n"}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def pool_for(upstream, **options):
    pool = DirectPool(f"http://127.0.0.1:{upstream.port}", **options)
    pool.users = 1
    return pool


async def send(pool, body=BODY):
    async with asyncio.timeout(5):
        prepared = pool.prepare("POST", "http://127.0.0.1/v1/chat/completions", {"Content-Type": "application/json"})
        return await pool.send(prepared, body, connect=1.0)


async def fetch(pool, body=BODY):
    reply = await send(pool, body)
    try:
        async with asyncio.timeout(5):
            return await reply.read()
    finally:
        reply.close()


async def failure_of(awaitable):
    with pytest.raises(AttemptFailed) as caught:
        await awaitable
    return caught.value.failure.kind
