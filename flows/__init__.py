"""Prefect flows: thin tasks around :mod:`pipeline.steps`. The only place that knows Prefect."""
