"""Stage 2, syntax: trees, and spans in code points."""
