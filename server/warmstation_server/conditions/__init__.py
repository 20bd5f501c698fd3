"""From reports to Conditions: what may be wrong at each station, in event time. Pure.

The pipeline's thread owns one `watch.Watch`; rule tests and backtests may own others. Nothing here
knows a client, a clock, a store or the web. README.md lists every condition with its unit.
"""
