"""Log lines, for people or for machines; keys never come into them."""

import json
import logging
import re
import sys
from typing import Any

from eqkit.web.logs.log_output import LogOutput

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def escape_controls(text: str) -> str:
    """Return a text on one line, without a character that a terminal would obey."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


class TextLines(logging.Formatter):
    """A line of text for each record, also if a client has put control characters into a path."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the line, its control characters escaped."""
        return escape_controls(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """Return the lines of a traceback: the message of an exception may be that of a client, too."""
        return "\n".join(map(escape_controls, super().formatException(ei).split("\n")))


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the exception if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class OutputHandler(logging.Handler):
    """Writes records where the lines about requests go, so that a full pipe stops neither."""

    def __init__(self, output: LogOutput) -> None:
        """Write to `output`."""
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self._output.write(self.format(record) + "\n")


def configure_logging(level: str, form: str) -> LogOutput:
    """Send the logs of eqkit, and uvicorn's warnings, to standard error, and return that output."""
    output = LogOutput(sys.stderr)
    handler = OutputHandler(output)
    text = TextLines("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonLines() if form == "json" else text)
    for name, min_level in (("eqkit", level.upper()), ("uvicorn", "WARNING")):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(min_level)
        logger.propagate = False
    return output
