"""The same engine on any table: units, outcomes or counts, factors.

May import every other room of ``model``.
"""
