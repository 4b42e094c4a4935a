"""Result tables as frames: benchmark, ranking, breakdowns, sensitivity, recovery.

May import every other room of ``model`` but ``profile``.
"""
