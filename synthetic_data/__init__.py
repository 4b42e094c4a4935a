"""A synthetic Denmark with known municipal practice."""

from synthetic_data.generate import GenerationSummary, generate
from synthetic_data.scenario import known_scenarios

__all__ = ["GenerationSummary", "generate", "known_scenarios"]
