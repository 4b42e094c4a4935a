"""Who lives where and with whom at the end of each year.

May import ``ground`` and ``places``.
"""
