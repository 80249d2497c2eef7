"""The texts of configs, which MMEngine formats anew for each of their readers."""

from functools import wraps
from typing import Any

import mmengine.config.config as configs
from yapf.yapflib import yapf_api

_MARK = '_hamuco_mm_formats_once'


def let_configs_be_formatted_once() -> None:
    """Keep the text of the config that was formatted last.

    A run asks for the same one four times: for the log, for the checkpoints, for its
    folder and for the visualizer. Where it has long paths, yapf takes seconds each
    time. Can go when MMEngine keeps it.
    """
    format_code = yapf_api.FormatCode
    if hasattr(format_code, _MARK):
        return
    kept: dict[tuple[str, str], Any] = {}

    @wraps(format_code)
    def format_once(text: str, **options: Any) -> Any:
        key = (text, repr(options))
        if key not in kept:
            formatted = format_code(text, **options)
            kept.clear()
            kept[key] = formatted
        return kept[key]

    setattr(format_once, _MARK, True)
    yapf_api.FormatCode = format_once
    # the released MMEngine has it from there at its import, the fork at each use
    if hasattr(configs, 'FormatCode'):
        configs.FormatCode = format_once
