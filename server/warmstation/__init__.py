"""What stands on top of everything: the `warmstation` command, the demo and the replay.

The only place that knows both the agent and the server.
"""
