"""One file a vendor: how it wants a message, and what its answers mean."""
