"""Other programs' configurations, turned into a g4f.yaml: what has an equivalent, and a note for what has none."""
