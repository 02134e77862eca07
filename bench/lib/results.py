"""Rounds of figures, what they come to, and the bars that they are held to."""
import statistics
from dataclasses import dataclass

from lib.noise import QUIET_CORES
from lib.ours import NAME


@dataclass(frozen=True)
class Bar:
    """A ratio that ours must reach: at most, or at least, so many times the peer. Without a peer, an absolute figure.
    An aim is reported as the others are, but nobody promised it."""
    row: str
    metric: str
    peer: str = None
    at_most: float = None
    at_least: float = None
    ours: str = NAME
    is_aim: bool = False

    @property
    def limit(self):
        return self.at_most if self.at_most is not None else self.at_least

    def is_met_by(self, value):
        return value <= self.at_most if self.at_most is not None else value >= self.at_least

    @property
    def wording(self):
        sign = "≤" if self.at_most is not None else "≥"
        return f"{sign} {self.limit:g}" + (" (aim)" if self.is_aim else "")


@dataclass(frozen=True)
class Verdict:
    """What became of a bar: the median of the rounds' ratios, the least and the most. `value` is None where it was not
    measured."""
    bar: Bar
    value: float = None
    least: float = None
    most: float = None
    rounds: int = 0

    @property
    def word(self):
        if self.value is None:
            return "not measured"
        return "met" if self.bar.is_met_by(self.value) else "missed"


class Results:
    """rows[row][who] is a list of rounds, each a dictionary of figures."""

    def __init__(self, rows=None):
        self.rows = rows if rows is not None else {}

    def add(self, row, who, figures):
        self.rows.setdefault(row, {}).setdefault(who, []).append(figures)

    def medians(self, row, who):
        """Figure by figure, over the quiet rounds: (median, least, most)."""
        rounds = quiet(self.rows[row][who])
        keys = [key for key in rounds[0] if all(isinstance(r.get(key), (int, float)) for r in rounds)]
        return {key: spread([r[key] for r in rounds]) for key in keys}

    def verdict(self, bar):
        ratios = self.ratios(bar)
        if not ratios:
            return Verdict(bar)
        return Verdict(bar, *spread(ratios), len(ratios))

    def ratios(self, bar):
        """Round by round, because a shared machine's speed drifts."""
        servers = self.rows.get(bar.row, {})
        mine = servers.get(bar.ours, [])
        theirs = servers.get(bar.peer, []) if bar.peer else [{bar.metric: 1.0}] * len(mine)
        pairs = [(a, b) for a, b in zip(mine, theirs) if bar.metric in a and b.get(bar.metric)]
        calm = [pair for pair in pairs if all(is_quiet(r) for r in pair)]
        return [a[bar.metric] / b[bar.metric] for a, b in calm or pairs]


def is_quiet(figures):
    return figures.get("others_cores", 0) <= QUIET_CORES


def quiet(rounds):
    """Those that nobody disturbed, or all where there is none."""
    return [r for r in rounds if is_quiet(r)] or rounds


def spread(values):
    return statistics.median(values), min(values), max(values)
