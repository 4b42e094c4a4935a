"""The site: self-contained HTML pages of what is told."""
