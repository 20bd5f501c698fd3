"""Grafana's dashboards as code, for operators and districts; nothing of ours imports it.

`python -m grafana` writes `dashboards/*.json`; with `--check` it says what is out of date.
"""
