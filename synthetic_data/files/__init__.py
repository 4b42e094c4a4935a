"""Blocks of persons to register files and truth: tables, partitions, writers.

May import every room but ``measures``.
"""
