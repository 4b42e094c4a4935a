"""The factor engine: a logit or Poisson model on categorical factors at national size.

May import ``numerics``. Knows outcomes, municipalities and tables of nothing but codes and counts.
"""
