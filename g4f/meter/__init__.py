"""What requests came to: the log's line for each, metrics, usage and budgets, all of it off the request's path."""
