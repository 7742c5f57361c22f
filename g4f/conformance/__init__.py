"""Does a provider's adapter keep what the provider says? Recorded traffic is played to it, cut at every byte, and what
comes out is compared with what went in. Nothing here is ever on a request's way."""
