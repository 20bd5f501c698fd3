"""Sheets of stations, as people save them."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook

HEADER = "id,district,name_zh,lat,lon,region,hours,capacity"
ROW = "ks-a,kunshan,淞南,31.26,121.0,songnan,24/7,12"
"""A header and a good row under it; the region is one of tests.support.places."""


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
