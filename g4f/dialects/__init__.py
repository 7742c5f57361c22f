"""The wire formats of clients and upstreams: bytes in, bytes out, no I/O and no clock of their own."""
