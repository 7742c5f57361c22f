"""How late the loop is."""

import asyncio
import time

from g4f.api.lag import LagMeter


def test_one_long_step_is_no_overload():
    meter = LagMeter()
    meter.measured(3.0)
    assert meter.seconds == 0.0
    meter.measured(0.001)
    assert meter.seconds <= 0.001


def test_two_long_steps_in_a_row_are():
    meter = LagMeter()
    for delay in (0.7, 0.6):
        meter.measured(delay)
    assert meter.seconds == 0.6


async def test_a_loop_that_is_kept_busy_is_measured():
    meter = LagMeter()
    meter.start()
    try:
        async with asyncio.timeout(10):
            while meter.seconds < 0.2:
                time.sleep(0.35)
                await asyncio.sleep(0)
    finally:
        meter.stop()
