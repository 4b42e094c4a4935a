"""The benchmark of a country: cells, first stage, expected counts, effects, conditions, diagnosis.

May import ``numerics``, ``logit`` and ``inference``.
"""
