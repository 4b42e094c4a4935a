"""Language: words, numbers, dates, names of codes and of files in Danish and English.

Knows nothing of a release. May import ``pipeline.codes``."""
