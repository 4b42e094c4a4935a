"""Prefect flows: thin tasks around :mod:`pipeline.night.steps`.

The only room that knows Prefect; :mod:`pipeline.commands` alone imports it.
"""
