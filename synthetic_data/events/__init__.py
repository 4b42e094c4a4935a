"""What happens to people: benefits, illness, decisions, weeks.

May import ``ground``, ``places`` and ``people``.
"""
