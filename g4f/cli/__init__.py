"""The commands: parsing and printing only. What is loaded is what the words on the command line need."""

from g4f.cli.front import main

__all__ = ["main"]
