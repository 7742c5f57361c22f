"""One file for each family of endpoints: decode, ask the gateway, encode."""
