"""What the world may read: the open feed as finished bytes, in memory and in a directory."""
