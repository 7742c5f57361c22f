"""What the file says of the keys that callers present."""

from datetime import UTC, datetime

import pytest

from g4f.config import digests, units
from g4f.config.load import load_text


def warnings_of(key: str, **more: str) -> list[str]:
    fields = "".join(f", {name}: {value}" for name, value in more.items())
    loaded = load_text(f'server: {{keys: [{{name: k, key: "{key}"{fields}}}]}}')
    return [warning.message for warning in loaded.warnings]


def test_a_short_key_is_warned_of_and_a_digest_is_not() -> None:
    assert "can be guessed" in warnings_of("short")[0]
    assert warnings_of("sha256:" + "0" * 64) == []
    assert warnings_of("k" * 16) == []


def test_an_expired_key_is_warned_of_and_refuses_no_file() -> None:
    assert warnings_of("k" * 16, expires='"2020-01-01"') == ["the key has expired; nobody gets in with it"]
    assert warnings_of("k" * 16, expires='"2999-01-01"') == []


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-12-31", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-12-31T18:00Z", datetime(2026, 12, 31, 18, tzinfo=UTC)),
        ("2026-12-31T18:00:30+02:00", datetime(2026, 12, 31, 16, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_date_is_through_its_end_and_a_time_is_exact(written: str, moment: datetime) -> None:
    assert units.moment(written) == moment.timestamp()


@pytest.mark.parametrize(
    "written",
    ["", "tomorrow", "2026-13-01", "2026-1-1", "31.12.2026", "2026-12-31T18:00", "9999-12-31", "2026-12-31\n"],
)
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a date"):
        units.moment(written)


def test_a_digest_is_that_of_the_key() -> None:
    key = "schlüssel-\udc80-🔑"
    assert digests.digest_of("sha256:" + digests.digest(key).hex().upper()) == digests.digest_of(key)
