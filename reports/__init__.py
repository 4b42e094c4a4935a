"""Reports: result tables in, pages, printed reports and a workbook out.

``language`` (words and numbers) and ``content`` (the numbers of a release) meet in ``charts`` and
``told``, which ``site``, ``print`` and ``workbook`` set; ``build`` writes them. Nothing here
computes a statistic that a result table should hold.
"""

from reports.build import build_report
from reports.plain import case_study_texts, initiative_texts

__all__ = ["build_report", "case_study_texts", "initiative_texts"]
