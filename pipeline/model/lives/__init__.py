"""What becomes of people: risk over a life, what was tried before a grant, and where those at high
risk are some years later.

Pure: counts in, frames out, through the protection that is handed in.
"""
