"""Connections to other systems: who is asked, with what credentials, and when by themselves."""
