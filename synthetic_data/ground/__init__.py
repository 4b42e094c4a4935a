"""What everything stands on: keyed random numbers, scenarios, the law's regimes, weeks, code names.

Imports no other room of the generator.
"""
