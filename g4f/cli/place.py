"""Which file a command is about."""

from pathlib import Path

from g4f.config.settings import Settings

DEFAULT = Path("g4f.yaml")


def config_path(written: str | None, settings: Settings) -> Path:
    """The file named on the command line, else by G4F_CONFIG, else g4f.yaml here."""
    if written is not None:
        return Path(written)
    return settings.config or DEFAULT
