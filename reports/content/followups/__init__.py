"""The numbers of the follow-up questions, without any wording."""
