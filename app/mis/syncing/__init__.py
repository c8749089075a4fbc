"""From staff sets to people: planned against what is known, checked for safety, applied whole or not at all."""
