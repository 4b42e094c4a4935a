"""Releases: built beside, compared, put in place, listed, rolled back, and the home's lock.

May import ``database`` and ``marts``.
"""
