"""What mlhazards is worth, measured: precision by labels, recall on fixed bugs, speed by ratios.

``python -m bench`` prints all three; each part also runs alone (``python -m bench.recall``).
"""
