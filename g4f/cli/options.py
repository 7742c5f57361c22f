"""Options that several commands have, written once so that they are called and explained the same everywhere."""

import argparse


def add_config(parser: argparse._ActionsContainer, purpose: str) -> None:
    """`--config FILE`."""
    parser.add_argument("--config", "-c", metavar="FILE", help=f"{purpose} (G4F_CONFIG; else ./g4f.yaml)")


def add_daemon(parser: argparse._ActionsContainer, *, default: str | None = None) -> None:
    """`--url URL`: which running daemon is asked."""
    told = f"; {default} unless said" if default else ""
    parser.add_argument("--url", metavar="URL", default=default, help=f"ask the running daemon there{told}")


def add_key(parser: argparse.ArgumentParser) -> None:
    """`--key KEY`: what the daemon is shown."""
    parser.add_argument("--key", metavar="KEY", help="an inbound key for --url (G4F_API_KEY)")


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="machine-readable")
