"""Criteria of case-study selections: each in one TOML file, in this folder or anywhere.

May import ``benchmarks``, ``codes`` and ``errors``; knows no data.
"""
