"""Stage 10, shells: the command line and the flake8 plugin; they call the engine."""
