"""The benchmark engine: pure functions on arrays and frames; no database, no files, no Prefect."""
