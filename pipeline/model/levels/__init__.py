"""Practice by level: how each unit grants at each level of one dimension, honestly shrunken.

Pure functions on arrays; knows nothing of frames or of Denmark.
"""
