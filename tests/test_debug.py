"""`g4f.debug` says what is asked of it, while it is on, and is bounded."""

import pytest

from g4f import debug


@pytest.fixture(autouse=True)
def off_again():
    yield
    debug.disable_logging()
    debug.log_handler = None
    debug.logs.clear()


def test_nothing_is_said_while_it_is_off(capsys):
    debug.log("quiet")
    assert (capsys.readouterr().err, list(debug.logs)) == ("", [])


def test_lines_go_to_standard_error_or_to_the_handler(capsys):
    debug.logging = True
    debug.log("tried", "A")
    debug.error(ValueError("broken"))
    assert capsys.readouterr().err == "tried A\nValueError: broken\n"
    heard = []
    debug.enable_logging(lambda *text: heard.append(text))
    debug.log("tried", "B")
    assert heard == [("tried", "B")]


def test_only_the_last_lines_are_kept():
    debug.enable_logging(lambda *_: None)
    for number in range(1100):
        debug.log(number)
    assert (len(debug.logs), debug.logs[-1]) == (1000, "1099")


def test_whoever_watches_is_told_of_each_change():
    told = []
    debug.watch(told.append)
    debug.logging = True
    debug.logging = True
    debug.disable_logging()
    assert told == [True, False]
