"""The loop."""

from training.batches import next_batch, random_batches


def train(model, backends, limit):
    """Train on every batch."""
    for step, batch in random_batches(backends, limit):
        model.update(step, batch)


def validate(model, backends):
    """Validate on every batch."""
    for asked, batch in next_batch(backends):
        model.validate(asked, batch)
