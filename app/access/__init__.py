"""API keys and what they reach.

Who shows one, what it reaches, and how one is made and revoked.
"""
