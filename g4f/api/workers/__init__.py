"""Several processes that serve one file on one port, and the one that watches over them."""
