import io
import re
from collections.abc import Mapping
from datetime import timedelta

from mmengine.runner import LogProcessor, Runner
from mmpose.registry import LOG_PROCESSORS
from rich.console import Console
from rich.table import Table

from ...structures import Stage

_STAGES = tuple(str(stage) for stage in Stage)
_WIDTH = 100
_HEAD = re.compile(r'\w+\(\w+\)\s*(\[[^\]]*\])*')
# What a line of the training begins with, before its losses.
_FIRST = ('loss', 'grad_norm')


@LOG_PROCESSORS.register_module()
class TableLogProcessor(LogProcessor):
    """MMEngine's ``LogProcessor``, for people: evaluations as a table with a column
    for each stage of HaMuCo, trainings as lines with the time that is left.

    What is written for programs (``vis_data/*.json``) is the same.
    """

    def get_log_after_iter(
        self, runner: Runner, batch_idx: int, mode: str
    ) -> tuple[dict, str]:
        """The values, and one line."""
        tag, line = super().get_log_after_iter(runner, batch_idx, mode)
        if mode != 'train':
            return tag, line
        parts = [f'{_head(line)}  {(runner.iter + 1) / runner.max_iters:.0%}']
        if 'eta' in runner.message_hub.runtime_info:
            left = timedelta(seconds=int(runner.message_hub.get_info('eta')))
            parts.append(f'{left} left')
        if 'lr' in tag:
            parts.append(f'lr {tag["lr"]:.1e}')
        parts += [f'{name} {tag[name]:.3g}' for name in _FIRST if name in tag]
        if 'memory' in tag:
            parts.append(f'memory {tag["memory"]}')
        losses = {k: v for k, v in tag.items() if k.startswith('loss_')}
        if losses:
            listed = ', '.join(
                f'{name.removeprefix("loss_")} {value:.2g}'
                for name, value in losses.items()
            )
            parts.append(f'({listed})')
        return tag, '  '.join(parts)

    def get_log_after_epoch(
        self, runner: Runner, batch_idx: int, mode: str, with_non_scalar: bool = False
    ) -> tuple[dict, str]:
        """The values, and a table."""
        tag, line = super().get_log_after_epoch(
            runner, batch_idx, mode, with_non_scalar
        )
        return tag, '\n'.join([_head(line), evaluation_table(tag)])


def _head(line: str) -> str:
    """'Epoch(train) [1][10/21]' of MMEngine's line."""
    match = _HEAD.match(line)
    return match[0] if match else line


def evaluation_table(values: Mapping[str, object]) -> str:
    """Metrics as a table: a row for each, a column for each stage.

    Args:
        values (Mapping): By names such as ``fusion/PA-MPJPE``; a name without a stage
            has a row with one value.
    """
    rows: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        if name in ('time', 'data_time', 'step', 'epoch', 'iter'):
            continue
        stage, _, metric = name.partition('/')
        if stage not in _STAGES:
            stage, metric = '', name
        text = f'{value:.4g}' if isinstance(value, float) else str(value)
        rows.setdefault(metric, {})[stage] = text
    stages = [s for s in ('', *_STAGES) if any(s in row for row in rows.values())]
    table = Table('metric', *stages)
    for metric, row in rows.items():
        table.add_row(metric, *(row.get(stage, '') for stage in stages))
    out = io.StringIO()
    Console(file=out, width=_WIDTH, markup=False, highlight=False).print(table)
    return out.getvalue().rstrip('\n')
