"""What a run says on the console and in its log file."""

from .console import ConsoleRunner, keep_console_short
from .table_log_processor import TableLogProcessor

__all__ = ['ConsoleRunner', 'TableLogProcessor', 'keep_console_short']
