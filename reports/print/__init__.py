"""The printed reports: PDF of what is told."""
