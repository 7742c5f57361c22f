"""What the server says of its own API: an OpenAPI document, and a page of it that needs no script."""
