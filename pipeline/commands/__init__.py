"""The command line and ``tildeling profile``: arguments to calls of the steps.

The only room that sees :mod:`flows`; it may import every other.
"""
