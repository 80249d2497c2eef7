"""How MMEngine gives the texts of configs their lines, replaced."""

from collections.abc import Callable

import mmengine.config.config as configs
import pytest
from yapf.yapflib import yapf_api


def format_configs_by(patch: pytest.MonkeyPatch, function: Callable) -> None:
    """Replace yapf's function where the released MMEngine and its fork look for it."""
    for module in (yapf_api, configs):
        if hasattr(module, 'FormatCode'):
            patch.setattr(module, 'FormatCode', function)
