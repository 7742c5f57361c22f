"""Pure decisions: which targets a request may use, in which order, and what a failure leads to. No I/O."""
