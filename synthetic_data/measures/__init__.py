"""The generated country beside the sources' figures, read from its files as a user would.

May import ``ground``, ``places`` and ``events``; never ``files``.
"""
