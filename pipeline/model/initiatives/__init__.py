"""What an initiative of one or more municipalities did: estimates, and how far chance goes.

Arrays and frames in, frames out, as everywhere in :mod:`pipeline.model`.
"""
