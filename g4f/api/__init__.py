"""The HTTP side of the gateway: an aiohttp server."""
