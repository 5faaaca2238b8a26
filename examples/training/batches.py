"""Where batches come from."""

import random


class Exhausted(Exception):
    """A backend has no more batches in this epoch."""


def random_batches(backends, limit):
    """Yield pairs of step and batch until nothing is left."""
    step = 0
    while backends:
        step += 1
        name = random.choice(list(backends))
        try:
            batch = next(backends[name])
        except Exhausted:
            del backends[name]
            continue
        if step == limit:
            return (step, batch)
        yield (step, batch)


def next_batch(backends):
    """Return one pair: how many backends were asked, and the batch."""
    asked = 0
    for name in list(backends):
        asked += 1
        try:
            return (asked, next(backends[name]))
        except Exhausted:
            del backends[name]
    return (asked, None)
