"""One request and the answer to it, in this project's own words: no wire format and no I/O."""
