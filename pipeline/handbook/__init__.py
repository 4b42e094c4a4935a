"""Pages made from declarations: the dictionary, the rules by example, the example queries.

May import the declarations (``registers``, ``codes``, settings) and the parser of SQL headers.
"""
