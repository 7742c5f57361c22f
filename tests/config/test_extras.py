"""What an extra does that is not installed."""

import pytest

from g4f.config import extras
from g4f.config.load import load_text

TRACES = "traces: {endpoint: 'http://127.0.0.1:4318/v1/traces'}\nmodels: {m: {chain: [Demo]}}"


@pytest.mark.parametrize("gone", [None, ModuleNotFoundError()])
def test_traces_that_nothing_can_send_are_warned_of(monkeypatch, gone):
    def find(_):
        if gone:
            raise gone

    monkeypatch.setattr(extras, "find_spec", find)
    (warning,) = load_text(TRACES).warnings
    assert str(warning) == "g4f.yaml:1:9: traces: nothing is sent without OpenTelemetry: pip install 'g4f[otel]'"


def test_with_the_extra_there_is_nothing_to_say():
    assert load_text(TRACES).warnings == ()
