"""Reports: the run of a check for people, for CI systems and for other programs."""

from eqkit.checks.reports.options import FORMATS, report_options
from eqkit.checks.reports.writing import Table, tables_of

__all__ = ["FORMATS", "Table", "report_options", "tables_of"]
