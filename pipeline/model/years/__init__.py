"""Practice over the years: adjusted expectation before the window, and when granting changed level.

Pure: counts as they are shown in, frames out.
"""
