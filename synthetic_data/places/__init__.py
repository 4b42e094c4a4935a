"""Municipalities: size, conditions, practice, backlog, mortality, the areas before 2007.

May import ``ground``.
"""
