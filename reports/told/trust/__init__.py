"""How far the figures can be trusted: checks, validity, assumptions, known truth, calibration."""
