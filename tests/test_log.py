"""What may be written to the log."""

import io
import json
import logging
import threading

import pytest

from g4f import log


@pytest.fixture
def lines():
    out = io.StringIO()
    log.configure("debug", "json", out=out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    log.silence()
    logging.getLogger().handlers.clear()


def test_a_field_that_is_not_listed_is_dropped(lines):
    log.get().info("thing.happened", model="m", api_key="sk-canary", body={"messages": "canary"})
    (line,) = lines()
    assert line["model"] == "m"
    assert "canary" not in json.dumps(line)


def test_a_field_that_says_nothing_is_left_out(lines):
    log.get().info("thing.happened", model=None)
    assert set(lines()[0]) == {"timestamp", "level", "event"}


def test_what_a_library_logs_is_one_line_without_its_text(lines):
    try:
        raise ValueError("canary")
    except ValueError:
        logging.getLogger("some.library").exception("failed with %s", "canary")
    (line,) = lines()
    assert (line["where"], line["exception"]) == ("some.library", "ValueError")
    assert "canary" not in json.dumps(line)


def test_the_library_is_silent_until_it_is_told_to_log(capsys):
    log.get().error("thing.happened")
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""


def test_no_line_is_lost_between_threads(tmp_path):
    path = tmp_path / "log"
    with path.open("wb") as out:
        batches = log.Batches(out.fileno())

        def write(name):
            for number in range(2000):
                batches.take(b"%d %d" % (name, number))

        threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            batches.flush()
        batches.flush()
    assert len(path.read_bytes().splitlines()) == 8000


class _Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_lines_for_people_are_coloured_unless_they_want_none(monkeypatch, environ, coloured):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    out = _Terminal()
    log.configure("info", "console", out=out, stdlib=False)
    log.get().info("thing.done", model="m")
    log.silence()
    assert ("\x1b[" in out.getvalue()) == coloured
