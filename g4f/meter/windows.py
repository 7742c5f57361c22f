"""The calendar windows that budgets are for, in UTC: an hour, a day, a week from Monday, a month, or for good."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Per(StrEnum):
    """How long a budget is for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    EVER = "ever"


def window(per: Per, now: float) -> tuple[int, float | None]:
    """The beginning and the end of the window around `now`, in Unix seconds; one that is for ever has no end."""
    if per is Per.EVER:
        return 0, None
    moment = datetime.fromtimestamp(now, UTC)
    hour = moment.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    match per:
        case Per.HOUR:
            begin, end = hour, hour + timedelta(hours=1)
        case Per.DAY:
            begin, end = day, day + timedelta(days=1)
        case Per.WEEK:
            begin = day - timedelta(days=day.weekday())
            end = begin + timedelta(days=7)
        case _:
            begin = day.replace(day=1)
            end = (begin + timedelta(days=32)).replace(day=1)
    return int(begin.timestamp()), end.timestamp()
