"""Paths and settings become bytes, text, encoding and suppressions."""
