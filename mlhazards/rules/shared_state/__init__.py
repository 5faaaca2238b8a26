"""Rules on state that several threads or tasks share (MLH1xx)."""
