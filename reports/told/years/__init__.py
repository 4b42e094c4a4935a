"""Practice over the years: when granting changed level, and municipalities merged in 2007."""
