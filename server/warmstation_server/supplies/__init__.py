"""The ledger of supplies: what was given, taken, found and thrown away, batch by batch. Pure.

The registry keeps its entries; `stocking` and the staff pages fold them.
"""
