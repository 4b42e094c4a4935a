"""What a night answers beside the ranking: people's courses, what goes with practice, what if.

A question is a module here: it reads its frames from the registers, calls the engine and returns
result tables. :mod:`pipeline.night.questions.answers` lists them. Knows neither steps nor releases.
"""
