"""The doctor: every wired thing checked with the installer in the loop.

Works on Measurements only: what the doctor sees is what the server will be told. `command` is
`warmstation-agent doctor`; the steps are pure functions of Measurements; `round` turns a sampler
and asks.
"""
