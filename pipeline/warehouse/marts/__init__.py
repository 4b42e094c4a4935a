"""A whole load: from ``raw`` to ``core`` and ``mart``, what is kept of the last one, checks.

May import ``database``, ``delivery`` and ``raw``.
"""
