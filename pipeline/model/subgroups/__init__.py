"""Diagnoses inside the main groups: observed and expected grants of areas, and who differs more.

Pure: frames in, frames out, through the protection that is handed in.
"""
