"""OneRoster 1.2 rostering out, to read only: the hub's schools and staff, for the hub's other tools.

1EdTech, OneRoster 1.2 Rostering Service, REST binding.
"""
