"""The version of the package: the only place where it is written."""

__version__ = "0.1.0"


class VersionUtils:
    """What programs written for g4f ask for. Nobody is asked for a newer version: this one is the latest."""

    current_version = __version__
    latest_version = __version__

    def check_version(self) -> None:
        """Does nothing."""


utils = VersionUtils()
