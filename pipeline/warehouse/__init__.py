"""The warehouse: the only place that opens DuckDB.

Extract files go in through :mod:`pipeline.warehouse.marts.load`; frames come out through
:mod:`pipeline.warehouse.frames.read`.
"""
