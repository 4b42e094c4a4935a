"""The printed reports: what is told, set by Typst as tagged, accessible PDF (PDF/UA-1).

``report.typ`` sets every block in one way, as ``site/templates/blocks.html`` does for the page.
May import ``municipality``, ``told`` and what they may.
"""
