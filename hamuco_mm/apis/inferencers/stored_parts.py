"""What an inferencer builds of the config inside a checkpoint.

MMEngine's registries import what a ``type`` names if it is not registered, and
registered classes open the files that their arguments name: a pretrained network,
a config, a hand model. So a config from elsewhere may name registered classes of a
network or a pipeline, and its other text has to be of a form that names no file.
"""

import re
from collections.abc import Collection
from typing import Any

from mmengine.config import ConfigDict
from mmpose.registry import KEYPOINT_CODECS, MODELS, TRANSFORMS, VISUALIZERS, Registry

_NETWORK = (MODELS, KEYPOINT_CODECS)
_PIPELINE = (TRANSFORMS, KEYPOINT_CODECS)
_VISUALIZER = 'HandMeshVisualizer'

# Not needed to predict: how weights started, where a user's images are read from,
# where results are kept, and which registry a class is of (it is looked up here).
_LEFT_OUT = {
    'init_cfg',
    'pretrained',
    'backend_args',
    'file_client_args',
    'save_dir',
    'vis_backends',
    '_scope_',
}
# Neither a dot nor a slash: no file, URL or module of Python.
_PLAIN_TEXT = re.compile(r'[\w \-:+]*')
_MOST_LEVELS = 50
# Of channels, layers, pixels of a side: no network or crop has more.
_LARGEST_NUMBER = 2**15


def network_parts(cfg: ConfigDict) -> ConfigDict:
    """The network, the test pipeline and the visualizer of a stored config.

    Args:
        cfg (ConfigDict): As :func:`config_from_checkpoint` reads it.

    Returns:
        ConfigDict: With ``model``, ``test_dataloader.dataset.pipeline`` and, if
        it draws meshes, ``visualizer``. How weights start and where files are
        read from is left out.

    Raises:
        ValueError: If a ``type`` is not a registered class of a network or a
            pipeline, if any other text may name a file or a URL, if a number is
            beyond any network, or if there is no network or no pipeline.
    """
    dataset = cfg.get('test_dataloader', {})
    for _ in range(_MOST_LEVELS):
        if not isinstance(dataset, dict) or 'dataset' not in dataset:
            break
        dataset = dataset['dataset']
    pipeline = dataset.get('pipeline') if isinstance(dataset, dict) else None
    if not isinstance(pipeline, list) or not isinstance(cfg.get('model'), dict):
        raise ValueError('it has no model with a test_dataloader and its pipeline')
    parts = dict(
        model=_plain(cfg['model'], _names(_NETWORK), 'model'),
        test_dataloader=dict(
            dataset=dict(pipeline=_plain(pipeline, _names(_PIPELINE), 'pipeline'))
        ),
    )
    visualizer = cfg.get('visualizer')
    if isinstance(visualizer, dict) and visualizer.get('type') == _VISUALIZER:
        names = {_VISUALIZER} & _names((VISUALIZERS,))
        parts['visualizer'] = _plain(visualizer, names, 'visualizer')
    return ConfigDict(parts)


def _names(registries: Collection[Registry]) -> set[str]:
    """Registered names; nothing is imported for what is not among them."""
    names: set[str] = set()
    for registry in registries:
        registry.import_from_location()
        names.update(registry.module_dict)
        if registry.parent is not None:
            names.update(registry.parent.module_dict)
    return names


def _plain(value: Any, names: Collection[str], where: str, level: int = 0) -> Any:
    """A copy that registries may be given."""
    if level > _MOST_LEVELS:
        raise ValueError(f'{where[:80]}... has more than {_MOST_LEVELS} levels')
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str | int):
                raise ValueError(f'{where} has the key {key!r}')
        if 'type' in value:
            _check_type(value['type'], names, where)
        return {
            key: item
            if key == 'type'
            else _plain(item, names, f'{where}.{key}', level + 1)
            for key, item in value.items()
            if key not in _LEFT_OUT
        }
    if isinstance(value, list | tuple):
        items = [
            _plain(item, names, f'{where}.{number}', level + 1)
            for number, item in enumerate(value)
        ]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, str) and not _PLAIN_TEXT.fullmatch(value):
        raise ValueError(
            f'{where} is {value!r}, and files that a checkpoint names are not opened'
        )
    if isinstance(value, int | float) and not abs(value) <= _LARGEST_NUMBER:
        raise ValueError(f'{where} is {value}, more than {_LARGEST_NUMBER}')
    if value is not None and not isinstance(value, str | int | float):
        raise ValueError(f'{where} is a {type(value).__name__}')
    return value


def _check_type(kind: Any, names: Collection[str], where: str) -> None:
    if not isinstance(kind, str) or kind not in names:
        raise ValueError(
            f'{where} has type {kind!r}, which is no registered class of a network '
            'or a pipeline'
        )
