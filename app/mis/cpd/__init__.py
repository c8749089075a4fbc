"""CPD records out: who attended what, with hours, for the school's MIS."""
