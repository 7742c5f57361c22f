"""Every test of a transport runs on both event loops: each has transports of its own."""

from tests.support.loops import LOOPS


def pytest_asyncio_loop_factories(config, item):
    return LOOPS
