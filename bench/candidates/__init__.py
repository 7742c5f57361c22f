"""What is measured: one file for each candidate, with how it is installed, configured, started and asked."""
