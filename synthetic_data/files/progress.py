"""How far a generation is, on one line of a terminal."""

from __future__ import annotations

from typing import TextIO

_WIDTH = 30


class ProgressBar:
    """Draws a bar over itself; ``stream`` must be a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, done: int, total: int, seconds: float) -> None:
        """Show that ``done`` of ``total`` persons are generated after ``seconds``."""
        share = done / max(total, 1)
        full = int(share * _WIDTH)
        left = seconds / share - seconds if share else 0.0
        self._stream.write(
            f"\r[{'#' * full}{'.' * (_WIDTH - full)}] {share:4.0%} of {total:,} persons, "
            f"{seconds:.0f} s, about {left:.0f} s left "
        )
        if done >= total:
            self._stream.write("\n")
        self._stream.flush()
