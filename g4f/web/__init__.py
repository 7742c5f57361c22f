"""Pages for people: files that are served as they are."""
