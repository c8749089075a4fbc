"""The diary of the schema: numbered scripts, the newest one's number in `head`."""
