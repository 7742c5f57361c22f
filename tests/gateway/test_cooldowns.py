"""What of an old document is believed: the same provider, the same key, and only for what is left of the time."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.exchange.failure import Failure, FailureKind
from g4f.gateway.cooldowns import ForeignDocumentError, decode, encode
from g4f.router.health import LONGEST_COOLDOWN, Health
from tests.support.clock import Clock

IDENTITIES = {("A", None): "where A is", ("A", "main"): "canary-of-a-key", ("B", None): "where B is"}
WALL = 1_700_000_000.0
YEAR = 365 * 86400.0


def sick(clock: Clock) -> Health:
    health = Health(clock, lambda: 0.0)
    health.failed("A", "main", "m", Failure(kind=FailureKind.RATE_LIMITED, message="", retry_after=100))
    health.failed("A", "main", "m", Failure(kind=FailureKind.AUTH, message=""))
    health.failed("B", None, "m", Failure(kind=FailureKind.CONNECT, message=""))
    return health


def written(clock: Clock) -> bytes:
    return encode(sick(clock).export(), IDENTITIES, now=clock(), wall=WALL)


def restored(content: bytes, *, wall: float = WALL, identities=IDENTITIES) -> dict:
    """What a process with another monotonic clock makes of it: until in seconds from its now."""
    clock = Clock(5.0)
    health = Health(clock, lambda: 0.0)
    health.restore(decode(content, identities, now=clock(), wall=wall))
    return {tuple(about)[:3]: (cooldown.kind, cooldown.until - clock()) for about, cooldown in health.cooling()}


def test_cooldowns_go_on_where_they_were():
    assert restored(written(Clock())) == {
        ("A", "main", "m"): (FailureKind.RATE_LIMITED, 100),
        ("A", "main", None): (FailureKind.AUTH, 300),
        ("B", None, None): (FailureKind.CONNECT, 5),
    }


def test_the_time_in_between_counts():
    found = restored(written(Clock()), wall=WALL + 99)
    assert found == {
        ("A", "main", "m"): (FailureKind.RATE_LIMITED, pytest.approx(1)),
        ("A", "main", None): (FailureKind.AUTH, pytest.approx(201)),
    }


@given(st.floats(min_value=-3 * YEAR, max_value=3 * YEAR))
def test_a_clock_that_jumped_never_makes_a_cooldown_longer(jump):
    before = restored(written(Clock()))
    for about, (_, left) in restored(written(Clock()), wall=WALL + jump).items():
        assert 0 < left <= before[about][1] <= LONGEST_COOLDOWN


def test_a_clock_a_year_ahead_drops_and_one_a_year_behind_keeps_at_most_what_was_left():
    assert restored(written(Clock()), wall=WALL + YEAR) == {}
    assert restored(written(Clock()), wall=WALL - YEAR) == restored(written(Clock()))


def test_a_document_from_the_future_is_clamped():
    document = json.loads(written(Clock()))
    for cooldown in document["cooldowns"]:
        cooldown["until"] += YEAR
    assert {left for _, left in restored(json.dumps(document).encode()).values()} == {LONGEST_COOLDOWN}


@pytest.mark.parametrize(
    ("changed", "left"),
    [
        ({("A", None): "moved"}, {("B", None, None)}),
        ({("A", "main"): "rotated"}, {("B", None, None)}),
        ({("B", None): "moved"}, {("A", "main", "m"), ("A", "main", None)}),
    ],
)
def test_who_changed_starts_with_a_clean_record(changed, left):
    assert set(restored(written(Clock()), identities=IDENTITIES | changed)) == left


def test_who_is_no_longer_configured_is_forgotten():
    assert restored(written(Clock()), identities={}) == {}
    without_key = {about: identity for about, identity in IDENTITIES.items() if about[1] is None}
    assert set(restored(written(Clock()), identities=without_key)) == {("B", None, None)}


def test_a_second_failure_after_a_restart_waits_longer_than_the_first():
    clock = Clock()
    health = Health(clock, lambda: 0.0)
    health.restore(decode(written(Clock()), IDENTITIES, now=clock(), wall=WALL))
    clock.advance(6)
    health.begin("B", None, "m")
    health.failed("B", None, "m", Failure(kind=FailureKind.CONNECT, message=""))
    assert health.cooldown("B", None, "m").until == clock() + 10


def test_no_secret_and_no_full_digest_is_written():
    content = written(Clock()).decode()
    assert "canary" not in content
    assert "where A is" not in content
    assert {len(cooldown["identity"]) for cooldown in json.loads(content)["cooldowns"]} == {16}
    assert written(Clock()).decode() != content, "the salt is another one each time"


def test_newer_knowledge_is_not_overwritten():
    clock = Clock()
    health = sick(clock)
    assert health.restore(decode(written(Clock()), IDENTITIES, now=clock(), wall=WALL)) == 0


def test_what_was_cut_anywhere_is_refused():
    content = written(Clock())
    for end in range(len(content)):
        with pytest.raises(ForeignDocumentError):
            decode(content[:end], IDENTITIES, now=0, wall=WALL)


def _with(**changes) -> bytes:
    document = json.loads(written(Clock()))
    return json.dumps({**document, **changes}).encode()


def _with_row(**changes) -> bytes:
    document = json.loads(written(Clock()))
    document["cooldowns"][0].update(changes)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        _with(version=2),
        _with(salt="zz"),
        _with(written=math.inf),
        _with(cooldowns={}),
        _with_row(kind="bored"),
        _with_row(until=math.nan),
        _with_row(until="soon"),
        _with_row(until=10**400),
        _with_row(openings=-1),
        _with_row(provider=None),
        _with_row(provider="A" * 300),
        _with_row(extra=1),
    ],
)
def test_what_is_foreign_is_refused(content):
    with pytest.raises(ForeignDocumentError):
        decode(content, IDENTITIES, now=0, wall=WALL)


@given(st.binary())
def test_bytes_of_any_kind_are_refused_and_nothing_else(content):
    with pytest.raises(ForeignDocumentError):
        decode(content, IDENTITIES, now=0, wall=WALL)
