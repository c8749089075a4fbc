"""What tests stand on: real databases, real server processes, and callers with keys."""
