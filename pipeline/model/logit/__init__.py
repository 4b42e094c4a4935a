"""The factor engine: a logit, Poisson or multinomial model on factors at national size.

May import ``numerics``. Knows outcomes, municipalities and tables of nothing but codes and counts.
"""
