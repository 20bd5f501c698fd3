"""Displays: a wall's board for a region and a door's board for a station. Pages alone calls it.

Everything here is a pure function of a snapshot, the address and the time.
"""
