"""What is wrong with the heat of one station: pure folds over its samples.

The status tick, rule tests and backtests may call it; it knows no client, clock or framework.
Start with `station.Diagnosis`.
"""
