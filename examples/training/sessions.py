"""Open sessions, by name."""


class Sessions:
    """A table of sessions that close themselves."""

    def __init__(self):
        self.open = {}

    def close(self, name):
        """Close one session."""
        session = self.open.pop(name)
        session.close()

    def close_all(self):
        """Close all sessions."""
        for name in self.open:
            self.close(name)
