"""Adapters for upstreams that speak no known dialect: one file each."""
