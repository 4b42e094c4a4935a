"""Charts: each drawn once, as SVG, from plain values; page and paper embed the same drawing.

May import ``content`` and ``language``."""
