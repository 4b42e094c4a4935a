"""Content: the numbers of a release as one typed, frozen object without any wording.

The only room that reads a release. Selects and adds up; a statistic belongs in a result table.
May import ``language`` for alphabetical order."""
