"""Alerts: what is wrong at a station, who owns it, told once. Pure but for its store.

`condition` is what the diagnosis hands in, `rules` say what counts and for whom, `lifecycle` turns
conditions over time into transitions, `store` commits a transition with its notices.
"""
