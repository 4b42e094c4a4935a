"""One municipality: its page and its take-away sheet as sections.

May import ``told`` and what ``told`` may; page and paper only set what is made here.
"""
