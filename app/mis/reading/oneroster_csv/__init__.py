"""OneRoster CSV, 1.1 and 1.2: a ZIP of tables with a manifest."""
