"""Finished requests reach everybody who counts them, and the log."""

import io
import json
import logging
import threading

import pytest

from g4f import log
from g4f.meter import journal
from g4f.meter.batch import Batch
from g4f.meter.journal import Journal
from g4f.meter.lines import write_lines
from tests.support.entries import answered, entry, failed


@pytest.fixture
def lines():
    out = io.StringIO()
    log.configure("debug", "json", out=out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    log.silence()
    logging.getLogger().handlers.clear()


def test_whoever_drains_knows_of_every_request_that_ended_before():
    seen = []
    book = Journal(seen.extend)
    entries = [entry() for _ in range(10)]
    for one in entries:
        book.add(one)
    book.drain()
    assert seen == entries


def test_readers_are_told_without_anybody_asking():
    told = threading.Event()
    book = Journal(lambda _: told.set())
    book.add(entry())
    assert told.wait(5)


def test_no_entry_is_lost_when_readers_fall_behind(monkeypatch):
    monkeypatch.setattr(journal, "MOST_WAITING", 10)
    seen = []
    book = Journal(seen.extend)
    for _ in range(100):
        book.add(entry())
    assert len(seen) >= 90
    book.drain()
    assert len(seen) == 100


def test_a_reader_that_fails_keeps_nobody_else_from_reading(lines):
    def broken(_):
        raise RuntimeError("canary")

    seen = []
    book = Journal(broken, seen.extend)
    book.add(entry())
    book.drain()
    assert len(seen) == 1
    assert [line["exception"] for line in lines()] == ["RuntimeError"]


def test_a_request_is_one_line_dated_to_its_end(lines):
    write_lines(Batch([entry(failed("A"), answered("B"))]))
    (line,) = lines()
    assert line["timestamp"].startswith("2023-11-14T22:13:20")
    assert (line["event"], line["status"], line["caller"]) == ("request.finished", 200, "laptop")
    assert (line["provider"], line["attempts"], line["ms"], line["first_token_ms"]) == ("B", 2, 2000, 1500)
    assert (line["input_tokens"], line["output_tokens"]) == (7, 3)


def test_a_request_that_nobody_answered_says_how_often_it_was_tried(lines):
    write_lines(Batch([entry(failed("A"), failed("B"))]))
    (line,) = lines()
    assert line["level"] == "warning"
    assert line["attempts"] == 2
    assert "provider" not in line


def test_overhead_is_what_no_upstream_was_waited_for():
    assert entry(failed(seconds=0.2), answered(seconds=1.0)).overhead == pytest.approx(0.3)


def test_overhead_is_unknown_where_two_attempts_ran_side_by_side():
    slower = answered("A")
    slower.overtaken = True
    assert entry(slower, answered("B")).overhead is None
