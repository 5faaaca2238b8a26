"""Rules on what has to cross a process boundary."""
