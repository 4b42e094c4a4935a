"""From files to schema ``raw``: row checks, quarantine, pseudonyms, weeks folded to runs.

May import ``database`` and ``delivery``.
"""
