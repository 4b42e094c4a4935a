"""What a data team delivers: files by name, format and encoding, their columns and years.

May import ``database``.
"""
