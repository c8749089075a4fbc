"""Contract tests of this room, over HTTP."""
