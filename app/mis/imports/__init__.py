"""Files in over HTTP and from the command line: sheets of an evening, staff lists, the register of schools."""
