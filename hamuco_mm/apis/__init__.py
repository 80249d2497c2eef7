"""Prediction from Python: on images, videos and rigs, on data sets, and live.

What is imported from here is loaded when it is asked for, so that no part waits
for another.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .inferencers import HaMuCoInferencer
    from .live import LiveEstimator, LiveHand
    from .live_tracking import LiveTracker, TrackedHand
    from .view_predictions import predict_views

_MODULES = dict(
    HaMuCoInferencer='.inferencers',
    LiveEstimator='.live',
    LiveHand='.live',
    LiveTracker='.live_tracking',
    TrackedHand='.live_tracking',
    predict_views='.view_predictions',
)

__all__ = [
    'HaMuCoInferencer',
    'LiveEstimator',
    'LiveHand',
    'LiveTracker',
    'TrackedHand',
    'predict_views',
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(importlib.import_module(_MODULES[name], __name__), name)
