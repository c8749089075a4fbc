"""CPD records out."""
