"""Races with real processes: rushes, kills and retries, each with a control that fails when the guard is off."""
