"""People's courses over time: tenure, pathways, later states, change and what if.

Pure: frames and arrays in, frames and arrays out; counts leave as the protection shows them.
"""
