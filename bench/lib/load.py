"""The shape of a load."""


class Load:
    """Loads of one kind: prepared once, run once a round, closed. `round` yields (row, who, figures)."""
    name = None
    tools = ()              # programs without which it cannot run
    is_long = False         # only with --full, or when named
    is_once = False         # one round says it all
    weight = 1              # its share of the time, beside that of others
    bars = ()

    def __init__(self, bench):
        self.bench = bench

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def round(self, number):
        raise NotImplementedError


def turned(items, number):
    """Another one is first in each round."""
    number %= max(1, len(items))
    return items[number:] + items[:number]
