"""Who came, and what they made of it."""
