"""People's courses over time in sections: tenure, pathways, what became of them, change.

Told like ``reports.told``, from one release in one language, and set by site and print.
"""
