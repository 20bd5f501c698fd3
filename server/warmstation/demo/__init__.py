"""A whole city on one machine: broker, server and simulated stations, each a process."""
