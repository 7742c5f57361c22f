"""Whatever is in a file, the loader answers with a configuration or with ConfigError, and tells no secret."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from g4f.config import units
from g4f.config.load import load_text
from g4f.config.scalars import Ambiguous, resolve
from g4f.errors import ConfigError

CANARY = "CANARY0secret0value"

fragments = st.sampled_from(
    [
        *"{}[]:,-?&*!|>%@`#'\"\n \t",
        "\n  ",
        ": ",
        "- ",
        "<<",
        "models",
        "chain",
        "OpenAI",
        "providers",
        "server",
        "keys",
        "key",
        "file",
        "name",
        "listen",
        "timeouts",
        "${A}",
        "${B}",
        "$${",
        "${",
        "1:30",
        "no",
        "~",
        "5s",
        "[a, b]",
        "{a: b}",
        "é",
        "\u2028",
        "😀",
        "\x85",
        "\x7f",
    ]
)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_bytes_never_raise_anything_but_config_error(content: bytes) -> None:
    with contextlib.suppress(ConfigError):
        load_text(content)


@given(st.lists(fragments, max_size=40).map("".join))
@settings(max_examples=600, deadline=None)
def test_text_like_yaml_never_raises_anything_but_config_error(content: str) -> None:
    with contextlib.suppress(ConfigError):
        load_text(content, environ={"A": "x"})


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_never_raises_anything_but_config_error(content: str) -> None:
    with contextlib.suppress(ConfigError):
        load_text(content)


names = st.sampled_from(
    ["server", "keys", "providers", "OpenAI", "Lab", "key", "base_url", "proxy", "headers", "proxies", "models"]
)
values = st.recursive(
    st.sampled_from(['"${SECRET}"', '"x ${SECRET}"', '"http://u:${SECRET}@h"', "1", "true", "~", "OpenAI"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(names, inner, max_size=4).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
        ),
    ),
    max_leaves=12,
)


@given(st.dictionaries(names, values, min_size=1, max_size=4))
@settings(max_examples=600, deadline=None)
def test_a_secret_is_in_no_message_wherever_it_stands(file: dict[str, str]) -> None:
    content = "".join(f"{key}: {value}\n" for key, value in file.items())
    try:
        loaded = load_text(content, environ={"SECRET": CANARY})
    except ConfigError as error:
        assert CANARY not in f"{error} {error.problems!r} {error.__cause__!r}"
        assert error.__suppress_context__ or error.__context__ is None
    else:
        assert CANARY not in f"{loaded.warnings}"


@given(st.text(alphabet="0123456789.:-+_eExXobnaifTrufls~ ", max_size=12))
@settings(max_examples=500, deadline=None)
def test_a_plain_scalar_is_itself_or_refused(text: str) -> None:
    with contextlib.suppress(Ambiguous):
        value = resolve(text)
        if isinstance(value, str):
            assert value == text
        elif isinstance(value, bool):
            assert text == str(value).lower()
        elif isinstance(value, int):
            assert text in (str(value), f"-{-value}")
        elif isinstance(value, float):
            assert float(text) == value


@given(st.floats(min_value=0.001, max_value=86400).map(lambda number: round(number, 3)))
def test_a_duration_in_seconds_is_read_back(number: float) -> None:
    assert units.seconds(f"{number:.3f}s") == number


@given(st.integers(min_value=1, max_value=10**9))
def test_a_size_in_kibibytes_is_read_back(number: int) -> None:
    assert units.size(f"{number}KiB") == number * 1024
