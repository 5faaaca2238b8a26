"""Reports progress from a thread of its own."""

import threading
import time


class StatusReporter:
    """Callers check in; a writer thread sends each check-in when it is due."""

    def __init__(self, send):
        self.send = send
        self.lock = threading.RLock()
        self.due = {}
        self.wake_up = threading.Condition()
        self.thread = threading.Thread(target=self._writer, daemon=True)
        self.thread.start()

    def check_in(self, name, when):
        """Ask for `name` to be sent at `when`."""
        with self.lock:
            self.due[name] = when
        with self.wake_up:
            self.wake_up.notify()

    def flush(self, name=None):
        """Send one check-in, or all of them, at once."""
        with self.lock:
            names = [name] if name is not None else self.due
            for each in names:
                self.send(each)

    def _writer(self):
        while True:
            with self.wake_up:
                self.wake_up.wait(timeout=1)
            self._send_due(time.monotonic())

    def _send_due(self, now):
        for name, when in list(self.due.items()):
            if when <= now:
                self.send(name)
                self.due.pop(name, None)
