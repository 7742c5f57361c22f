"""The commands: parsing and printing only."""

from g4f.cli.chat import main

__all__ = ["main"]
