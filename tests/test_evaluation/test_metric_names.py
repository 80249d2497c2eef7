"""Metrics say what their values are called, so that MMEngine has nothing to warn of."""

import logging

import pytest
from mmengine.logging import MMLogger
from mmpose.registry import METRICS

import hamuco_mm.evaluation  # noqa: F401, registers them

OURS = {
    name: kind
    for name, kind in METRICS.module_dict.items()
    if kind.__module__.startswith('hamuco_mm.')
}
NEEDED = dict(DumpViews=dict(out_file_path='views.npz'))


@pytest.mark.parametrize('name', sorted(OURS))
def test_it_is_made_without_a_warning(name):
    MMLogger.get_instance('names')
    records = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = records.append
    logger = MMLogger.get_current_instance()
    logger.addHandler(handler)
    try:
        METRICS.build(dict(type=name, **NEEDED.get(name, {})))
    finally:
        logger.removeHandler(handler)
    assert not records
