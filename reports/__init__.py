"""Reports: result tables in, one self-contained page per language out.

Numbers become a typed content object (``content``, ``assemble``), words live in ``text/``, and
rendering is pure. Nothing here computes a statistic that a result table should hold.
"""

from reports.build import build_report

__all__ = ["build_report"]
