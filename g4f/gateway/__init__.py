"""The core that the daemon and the library share: from a request to a committed answer."""
