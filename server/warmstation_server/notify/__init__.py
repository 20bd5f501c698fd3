"""Delivery: notices go from the outbox to people, and what became of each is written down."""
