"""Which municipalities to interview: clusters and sets of them by declared criteria. Pure.

Reads tables as a release shows them, so that whoever has the release can choose again.
"""
