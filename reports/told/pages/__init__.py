"""The pages about the whole country: the sections of each, and what it says in a few lines."""
