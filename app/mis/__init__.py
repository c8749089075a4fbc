"""Staff in from the schools' own systems, attendance and the staff list out to them."""
