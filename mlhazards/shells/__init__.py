"""The command line and the flake8 plugin; they call the engine."""
