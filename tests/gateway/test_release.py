"""A configuration that was replaced goes a piece at a time."""

import weakref

from g4f.config.load import load_text
from g4f.gateway import release as releasing
from g4f.gateway.release import release
from g4f.gateway.snapshot import plan

FILE = 'providers: {A: {base_url: "http://127.0.0.1:9/v1"}}\nmodels:\n' + "".join(
    f"  m{number}: {{chain: [A]}}\n" for number in range(50)
)


def test_what_nobody_else_refers_to_is_gone_when_it_was_released(monkeypatch):
    monkeypatch.setattr(releasing, "SETTLED", 0.0)
    monkeypatch.setattr(releasing, "AT_ONCE", 10)
    loaded = load_text(FILE)
    made = plan(loaded, {})
    gone = weakref.ref(loaded.config)
    old = [(loaded, made)]
    del loaded, made
    release(old)
    assert old == []
    assert gone() is None


def test_what_still_serves_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(releasing, "SETTLED", 0.0)
    loaded = load_text(FILE)
    made = plan(loaded, {})
    release([(loaded, made)])
    assert made.table.find("m49").name == "m49"
    assert loaded.origins["models.m49"].line == 52
