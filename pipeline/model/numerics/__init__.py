"""Arithmetic and exact distributions: sums, shifts, intervals, limits, the delta method.

Pure functions of arrays. Imports nothing of ours but errors.
"""
