"""The benchmark: g4f's daemon and its peers between one mock upstream and one load generator, all on loopback."""
