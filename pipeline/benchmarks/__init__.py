"""Benchmarks: each question in one TOML file, in this folder, in a home, or anywhere.

May import ``codes`` and ``errors``; knows no data.
"""
