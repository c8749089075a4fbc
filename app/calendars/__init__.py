"""Calendar feeds: the hub's, a school's, a person's."""
