"""What a station is like now, decided from reports, posted hours and the time. Pure: no I/O."""
