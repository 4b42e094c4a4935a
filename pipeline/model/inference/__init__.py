"""From estimates and their covariance to what may be said: funnels, shrinkage, ranks, standards.

May import ``numerics``. Knows nothing of where the estimates come from.
"""
