"""A model agrees: the service beside a small model in plain Python, driven by Hypothesis."""
