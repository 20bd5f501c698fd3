"""Charging sessions as other systems log them: how much of the time chargers were in use. Pure.

A log is not a measurement of ours: sessions overlap, and ends are missing. Utilisation is that of
the union of their intervals, charger by charger, and never more than one.
"""
