"""The warehouse: the only place that opens DuckDB.

Extract files go in through :mod:`pipeline.warehouse.load`; frames come out through
:mod:`pipeline.warehouse.read`.
"""
