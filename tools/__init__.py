"""What is run by hand now and then; nothing of it is installed."""
