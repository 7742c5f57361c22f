"""W3C Trace Context: what is believed of a header, and what an upstream is told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.exchange.trace import TraceContext, trace_context

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def read(parent, state=None, sample=True):
    return trace_context(parent, state, bits=lambda count: (1 << count) - 1, sample=lambda: sample)


def test_a_request_becomes_part_of_the_trace_that_it_came_with():
    context = read(f"00-{TRACE}-{PARENT}-01", "vendor=1", sample=False)
    assert (context.trace, context.parent) == (int(TRACE, 16), int(PARENT, 16))
    assert context.sampled
    assert context.headers(1)["traceparent"].split("-")[1] == TRACE
    assert context.headers(1)["tracestate"] == "vendor=1"
    assert not read(f"00-{TRACE}-{PARENT}-00").sampled


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "",
        "x",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-1",
        f"0-{TRACE}-{PARENT}-01",
    ],
)
def test_a_header_that_cannot_be_read_begins_a_trace_here(parent):
    context = read(parent, "vendor=1")
    assert context.parent is None
    assert context.state is None
    assert context.trace != int(TRACE, 16)


def test_a_later_version_is_read_as_far_as_it_is_known():
    assert read(f"cc-{TRACE}-{PARENT}-01-what-ever").parent == int(PARENT, 16)


@pytest.mark.parametrize("state", ["x" * 513, "a\r\nEvil: 1", "ä"])
def test_a_state_that_nobody_has_to_pass_on_is_dropped(state):
    assert read(f"00-{TRACE}-{PARENT}-01", state).state is None


@given(st.text() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"), st.text())
def test_whatever_comes_in_what_goes_out_is_well_formed(parent, state):
    sent = read(parent, state).headers(3)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", sent["traceparent"])
    assert all(" " <= character <= "~" or character == "\t" for character in sent.get("tracestate", ""))


@given(st.integers(min_value=1, max_value=(1 << 64) - 1))
def test_no_two_spans_of_a_request_are_the_same(span):
    context = TraceContext(1, span, True)
    spans = [context.span, *(context.attempt(number) for number in range(1, 20))]
    assert len(set(spans)) == len(spans)
    assert all(0 < one < 1 << 64 for one in spans)
