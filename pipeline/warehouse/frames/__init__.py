"""Frames read from ``registers.duckdb`` for the model.

May import ``database`` and the frames of the model's cells.
"""
