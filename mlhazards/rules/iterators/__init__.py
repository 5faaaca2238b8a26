"""Rules on the iterator protocol."""
