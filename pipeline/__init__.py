"""Tildeling: expected against actual grants in Denmark's 98 municipalities."""

__version__ = "0.1.0"
