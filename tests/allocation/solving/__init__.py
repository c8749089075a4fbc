"""Tests of the pure part of the allocation: against an independent solver, by properties, and by cases that one can
check by hand."""
