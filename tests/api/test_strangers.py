"""Guessing keys costs time where the file says so."""

import pytest

from g4f.api import strangers
from g4f.api.strangers import Strangers
from g4f.errors import LimitExceededError
from tests.support.clock import Clock

KEY = "0123456789abcdef"
FILE = f"""
server: {{keys: [{{name: k, key: {KEY!r}}}]}}
limits: {{wrong_keys: 3}}
models: {{demo: {{chain: [Demo]}}}}
"""


async def test_an_address_with_too_many_wrong_keys_is_refused_whatever_it_sends(serve):
    client = await serve(FILE)
    statuses = [(await client.get("/v1/models", headers={"x-api-key": f"wrong-{n}"})).status for n in range(4)]
    assert statuses == [401, 401, 401, 429]
    refused = await client.get("/v1/models", headers={"x-api-key": KEY})
    assert refused.status == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert (await client.get("/livez")).status == 200


async def test_without_the_limit_wrong_keys_are_401_for_ever(serve):
    client = await serve(FILE.replace("wrong_keys: 3", ""))
    statuses = {(await client.get("/v1/models", headers={"x-api-key": f"wrong-{n}"})).status for n in range(50)}
    assert statuses == {401}
    assert (await client.get("/v1/models", headers={"x-api-key": KEY})).status == 200


def test_tries_come_back_with_time():
    clock = Clock()
    seen = Strangers(2, clock)
    for _ in range(2):
        seen.check("192.0.2.1")
        seen.note("192.0.2.1")
    with pytest.raises(LimitExceededError):
        seen.check("192.0.2.1")
    seen.check("192.0.2.2")
    clock.advance(31)
    seen.check("192.0.2.1")


def test_one_network_of_ipv6_is_one_stranger():
    seen = Strangers(1, Clock())
    seen.note("2001:db8:1:2::1")
    with pytest.raises(LimitExceededError):
        seen.check("2001:db8:1:2:ffff::9%eth0")
    seen.check("2001:db8:1:3::1")


def test_memory_is_bounded_however_many_addresses_come(monkeypatch):
    monkeypatch.setattr(strangers, "MOST", 10)
    seen = Strangers(1, Clock())
    for number in range(100):
        seen.note(f"192.0.2.{number}")
    seen.check("192.0.2.0")
    with pytest.raises(LimitExceededError):
        seen.check("192.0.2.99")


@pytest.mark.parametrize("address", [None, "", "@unix", "nonsense"])
def test_an_address_that_is_none_is_counted_too(address):
    seen = Strangers(1, Clock())
    seen.note(address)
    with pytest.raises(LimitExceededError):
        seen.check(address)


def test_a_reload_forgets_no_wrong_key():
    clock = Clock()
    old, new = Strangers(1, clock), Strangers(2, clock)
    old.note("192.0.2.1")
    new.succeed(old)
    with pytest.raises(LimitExceededError):
        new.check("192.0.2.1")
