"""What tests share: scripted upstreams, a clock, a daemon."""
