"""Whether crops, labels and network of a config belong together."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmpose.registry import KEYPOINT_CODECS

_CODEC = 'WeakPerspectiveLabel'
_HEAD = 'MANOHead'
_PHASES = ('train', 'val', 'test')


def check_crops(cfg: Config) -> None:
    """Refuse labels and crops that are not those of the head's ``decoder``.

    The head gives hands in the square of its codec's ``input_size``, from edge to edge.
    Labels of another codec or size, or of crops with ``use_udp``, have the right shape,
    and would be learned.

    Args:
        cfg (Config): Of a ``MANOHead``; others pass.

    Raises:
        ValueError: Names the settings.
    """
    head = (cfg.get('model') or {}).get('head') or {}
    decoder = head.get('decoder')
    if head.get('type') != _HEAD or not decoder:
        return
    for phase in _PHASES:
        loader = cfg.get(f'{phase}_dataloader') or {}
        for place, step in _steps(loader.get('dataset'), f'{phase}_dataloader.dataset'):
            for name, part in (('', step), ('.encoder', step.get('encoder'))):
                if isinstance(part, Mapping):
                    _check_size(f'{place}{name}', part, decoder)
            if step.get('use_udp'):
                raise ValueError(
                    f'{place}.use_udp=True: its crops end in the middle of the outer '
                    f'pixels, and those of a {_HEAD} at their edges; joints would be half '
                    'a pixel off. Leave use_udp out'
                )
            if isinstance(step.get('encoder'), Mapping):
                _check_codec(f'{place}.encoder', step['encoder'])


def _steps(content: Any, place: str) -> Iterator[tuple[str, Mapping]]:
    """The transforms of all pipelines in a data set's config, with their keys."""
    if isinstance(content, Mapping):
        for name, inside in content.items():
            if name == 'pipeline' and isinstance(inside, (list, tuple)):
                for number, step in enumerate(inside):
                    if isinstance(step, Mapping):
                        yield f'{place}.pipeline.{number}', step
            else:
                yield from _steps(inside, f'{place}.{name}')
    elif isinstance(content, (list, tuple)):
        for number, inside in enumerate(content):
            yield from _steps(inside, f'{place}.{number}')


def _check_size(place: str, part: Mapping, decoder: Mapping) -> None:
    size, own = part.get('input_size'), decoder.get('input_size')
    if size is not None and own is not None and tuple(size) != tuple(own):
        raise ValueError(
            f'{place}.input_size={tuple(size)}, and model.head.decoder.input_size='
            f'{tuple(own)}: crops, labels and network need one size. Set the same in '
            'all pipelines and in the decoder'
        )


def _check_codec(place: str, encoder: Mapping) -> None:
    found, own = (KEYPOINT_CODECS.get(name) for name in (encoder.get('type'), _CODEC))
    if found is not None and own is not None and not issubclass(found, own):
        raise ValueError(
            f'{place}: the labels of {encoder["type"]} are not those that a {_HEAD} '
            f'learns. Use dict(type={_CODEC!r}, input_size=...)'
        )
