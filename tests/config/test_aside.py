"""Large things are made beside the requests: without the garbage collector, and letting other threads go first."""

import gc
import sys
import threading

from g4f.config.aside import aside


def settings() -> tuple[tuple[int, int, int], float]:
    return gc.get_threshold(), round(sys.getswitchinterval(), 6)


def test_nothing_is_collected_inside_and_all_is_as_before_behind_it() -> None:
    before = settings()
    with aside():
        assert gc.get_threshold()[0] == 0
        assert sys.getswitchinterval() < before[1]
    assert settings() == before


def test_what_was_made_is_never_looked_through_and_goes_when_nobody_refers_to_it() -> None:
    with aside():
        made = [[number] for number in range(1000)]
    try:
        assert not {id(one) for one in made} & {id(one) for one in gc.get_objects()}
    finally:
        gc.unfreeze()


def test_who_leaves_last_puts_everything_back() -> None:
    before = settings()
    entered, left = threading.Event(), threading.Event()

    def other() -> None:
        with aside():
            entered.set()
            left.wait(5)

    thread = threading.Thread(target=other)
    with aside():
        thread.start()
        assert entered.wait(5)
    assert gc.get_threshold()[0] == 0
    left.set()
    thread.join()
    assert settings() == before


def test_a_failure_inside_changes_nothing_for_long() -> None:
    before = settings()
    try:
        with aside():
            raise ValueError
    except ValueError:
        pass
    assert settings() == before
