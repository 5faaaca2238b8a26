"""A small training loop with six hazards; see the README beside this package."""
