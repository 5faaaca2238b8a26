"""Trees, and spans in code points."""
