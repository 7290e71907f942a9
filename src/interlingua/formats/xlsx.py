"""Excel's workbooks as tables: the first sheet that holds anything, its first row the names of the columns."""

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import chain
from pathlib import Path
from typing import Any

from interlingua.documents._package import opened
from interlingua.documents._text import tell
from interlingua.errors import ConfigError, DataError, MissingDependency
from interlingua.formats import table, tsv
from interlingua.outputs import create_bytes
from interlingua.types import Row
from interlingua.units.holds import Holds

LONGEST_CELL, MOST_ROWS = 32_767, 1_048_576
"""Characters of a cell and rows of a sheet: Excel opens no more."""
NARROW = ("number", "score", "cosine", "status", "kind", "flags", "line", "place", "source_language", "target_language")
COUNTED, WHOLE = ("number", "line"), re.compile("0|[1-9][0-9]{0,14}")
"""Columns by which a person may want to sort, and what in them is a number that is read back as it was."""
WIDTHS = 12, 60
"""Characters of a narrow column, and of one of texts."""
NOT_CALCULATED = re.compile(
    rb"""<c\b[^>]{0,200}?\br=["']([A-Z]{1,3}[0-9]{1,7})["'][^>]{0,200}><f\b[^>]{0,500}(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
)
MADE = datetime(2000, 1, 1)
"""The date in every workbook: the same table is the same file."""


def read(path: Path) -> Iterator[Row]:
    """Rows by the names of the header, cells as texts: whole numbers without decimals, dates as 2026-11-30, truth
    values as TRUE and FALSE. Empty rows are left out.

    Raises DataError, with the row, for what is no workbook, one with a password, an absurdly large one, and where the
    header does not name every column that is used; MissingDependency.
    """
    yield from tsv.named(path, _rows(path))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with their numbers, as many cells as the first has."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise MissingDependency("reading .xlsx", "documents") from error
    with opened(path) as package:
        content = package.whole()
    try:
        workbook: Any = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = (workbook.get_sheet_by_index(place) for place in range(len(workbook.sheet_names)))
        used_sheets = (one for one in sheets if one.start is not None)
        sheet = next(used_sheets, None)
        others = [one.name for one in used_sheets]
    except (CalamineError, OSError, ValueError) as error:
        raise DataError(f"not a workbook, or a damaged one ({error})", path) from error
    if sheet is None:
        return
    width = 0
    _tell_what_is_left_out(path, content, sheet, others)
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_text(cell) for cell in cells]
        used = next((place for place in range(len(texts), 0, -1) if texts[place - 1].strip()), 0)
        width = width or used
        if used > width:
            raise DataError(f"a cell beside the columns that the header names: {texts[used - 1]!r:.50}", path, number)
        if used:
            yield number, texts[:width]


def _tell_what_is_left_out(path: Path, content: bytes, sheet: Any, others: Sequence[str]) -> None:
    """Other sheets; merged cells, of which the first alone has the text; formulas that nobody has calculated yet."""
    if others:
        tell(f"{path}: read the sheet {sheet.name!r}; left out {', '.join(map(repr, others))}")
    if merged := sum(first[0] != last[0] for first, last in sheet.merged_cell_ranges or ()):
        tell(f"{path}: {merged:,} merged cells are over several rows; the first of these alone has the text")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = (archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet"))
        empty = [found[1].decode() for part in parts for found in NOT_CALCULATED.finditer(part)]
    if empty:
        shown = ", ".join(empty[:5]) + (", ..." if len(empty) > 5 else "")
        tell(f"{path}: {len(empty):,} formulas have no result and were read as empty ({shown}); open the workbook in a "
             "spreadsheet program, and save it")  # fmt: skip


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return str(cell.date()) if cell.time() == time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a sheet whole or not at all: every cell a text, no formula and no link whatever it looks like, but for
    whole numbers of what is COUNTED; the header in view and with filters.

    Raises ConfigError for a text or a table that is longer than Excel's sheets are, and MissingDependency.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError as error:
        raise MissingDependency("writing .xlsx", "documents") from error
    tsv.check_header(path, header)
    with create_bytes(path) as stream, tempfile.TemporaryFile(prefix="interlingua-") as file:
        workbook: Any = Workbook(file, {"constant_memory": True})
        with workbook:  # an error, too, must end in its close: it holds files
            workbook.set_properties({"created": MADE})
            bold = workbook.add_format({"bold": True, "valign": "top"})
            wrapped = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
            counted = workbook.add_format({"valign": "top", "num_format": "0"})
            sheet, number = workbook.add_worksheet(), 0
            sheet.freeze_panes(1, 0)
            for place, name in enumerate(header):
                sheet.set_column(place, place, WIDTHS[name not in NARROW], wrapped)
            for number, cells in enumerate(chain([header], rows)):
                if number == MOST_ROWS:
                    raise ConfigError(f"{path}: more than {MOST_ROWS:,} rows, which no sheet has; write a .tsv")
                for place, text in enumerate(cells):
                    if len(text.encode("utf-16-le", "replace")) > 2 * LONGEST_CELL:
                        raise ConfigError(f"{path}: row {number + 1:,} has a text of more than {LONGEST_CELL:,} "
                                          "characters, which no cell holds; write a .tsv")  # fmt: skip
                    if number and header[place] in COUNTED and WHOLE.fullmatch(text):
                        sheet.write_number(number, place, int(text), counted)
                    elif text:
                        sheet.write_string(number, place, text, wrapped if number else bold)
            sheet.autofilter(0, 0, number, max(0, len(header) - 1))
        file.seek(0)
        shutil.copyfileobj(file, stream)  # which may be compressed, where no archive can be written


FORMAT = table(read, write, suffixes=(".xlsx",), holds=Holds(languages=True))
