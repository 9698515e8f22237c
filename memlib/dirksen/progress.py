"""A bar for runs that take long: on a terminal only, and only after some seconds."""

import sys
from time import monotonic
from typing import TextIO

#: Seconds after which a bar appears.
PATIENCE = 3
#: Signs of a full bar.
LENGTH = 40


class Bar:
    """Called with (done, all), draws a bar on stderr if that is a terminal and the run has lasted PATIENCE seconds."""

    def __init__(self, stream: TextIO | None = None):
        self.stream = sys.stderr if stream is None else stream
        self.start, self.shown = monotonic(), ""

    def __call__(self, done: int, of: int) -> None:
        if monotonic() - self.start < PATIENCE or not self.stream.isatty():
            return
        full = LENGTH * done // of
        line = f"\r[{'#' * full}{' ' * (LENGTH - full)}] {done} of {of}"
        if line != self.shown:
            self.stream.write(line + ("\n" if done == of else ""))
            self.stream.flush()
            self.shown = line
