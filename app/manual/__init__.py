"""What testers and frontend developers read: guides, reference, examples, problems and how to provoke them."""
