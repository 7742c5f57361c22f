"""The drill: a configuration against upstreams that fail as they are told, and what its users would see of that."""
