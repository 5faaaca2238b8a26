"""Stage 1, source: paths and settings become bytes, text, encoding and suppressions."""
