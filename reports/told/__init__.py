"""What is told: sentences and tables in the reader's language, made of content.

May import ``charts``, ``content`` and ``language``; page, paper and workbook only set it."""
