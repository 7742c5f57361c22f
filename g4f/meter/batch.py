"""Finished requests by what they share, so that each reader does once for many of them what is the same for all.

Requests are alike when they differ in nothing but times, tokens and ids: under load most are. What is unusual is alike
to nothing. `entries` keeps the order in which requests ended; `alike` has one list for each kind, none of them empty.
"""

from collections.abc import Hashable, Iterator, Sequence

from g4f.meter.entry import Entry

_DAY = 86400


class Batch:
    """Entries that are read together. `kinds` says of each of `entries` which list of `alike` it is in."""

    __slots__ = ("alike", "entries", "kinds")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.alike: list[list[Entry]] = []
        self.kinds: list[int] = []
        known: dict[Hashable, int] = {}
        for entry in entries:
            kind = _kind(entry)
            place = len(self.alike)
            if kind is not None:
                place = known.setdefault(kind, place)
            if place == len(self.alike):
                self.alike.append([])
            self.alike[place].append(entry)
            self.kinds.append(place)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


def _kind(entry: Entry) -> Hashable | None:
    """What an entry has in common with those that are like it; None for one that is unusual."""
    journey, record = entry.journey, entry.answered_by
    attempts = journey.attempts
    answer: Hashable = None
    if record is not None:
        if len(attempts) != 1 or attempts[0] is not record or record.failure is not None or journey.paused:
            return None
        # Lists of what was skipped are shared by the requests that were resolved at one time.
        answer = record.target.site, record.outcome, record.dropped, id(journey.skipped), entry.first is None
    elif attempts or journey.skipped:
        return None
    kind = (
        entry.status, entry.caller_name, entry.method, entry.endpoint, journey.route, entry.at // _DAY,
        entry.usage is None, answer, *entry.fields, *entry.fields.values(),
    )  # fmt: skip
    try:
        hash(kind)
    except TypeError:
        return None
    return kind
