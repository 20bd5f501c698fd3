"""Figures to take away: XLSX, PDF, CSV; made by jobs that show progress and can be cancelled.

`table`, `csv_file`, `workbook` and `paper` turn an Answer into bytes, the same Answer always into
the same ones. `jobs` runs them one after the other; `planned` makes them once a month. Pages and
the command line ask `Maker` and `Jobs`.
"""
