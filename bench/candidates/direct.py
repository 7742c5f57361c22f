"""No proxy at all: what the mock upstream and the load generator can do by themselves."""

from bench.candidates.candidate import Candidate, Command, Place
from bench.workload import Layout


class Direct(Candidate):
    name = "direct"
    title = "direct"
    note = "The load generator asks the mock upstream itself: what the other figures are held against."

    def command(self, place: Place, layout: Layout) -> Command | None:
        return None
