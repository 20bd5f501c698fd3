"""Enrolment: the station makes its own key, and gets and renews its certificate.

`command` is what `warmstation-agent enrol` and `renew` run. The key never leaves the device.
"""
