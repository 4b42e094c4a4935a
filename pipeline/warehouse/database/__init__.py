"""DuckDB itself: connections, memory, scratch folders, SQL files, files put in place.

Imports no other room of the warehouse.
"""
