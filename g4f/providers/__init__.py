"""The upstream side: one adapter for each provider, and the transport they share."""
