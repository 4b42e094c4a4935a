"""Initiatives of municipalities, each declared in one TOML file, in a home or anywhere.

May import ``benchmarks``, ``codes`` and ``errors``; knows no data.
"""
