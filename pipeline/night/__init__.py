"""The steps of a night, from paths to paths, and the result tables they make.

May import every room of ``pipeline`` but ``commands``, and :mod:`reports` and
:mod:`synthetic_data`, whose work the steps call for. Knows no Prefect.
"""
