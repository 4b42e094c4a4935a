"""Analyses beside the benchmark: how cases were processed. Pure: frames in, frames out."""
