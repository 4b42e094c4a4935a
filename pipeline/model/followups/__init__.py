"""AKF's follow-up questions: what goes with practice, routes, queues, another practice.

Arrays and frames in, frames out, as everywhere in :mod:`pipeline.model`.
"""
