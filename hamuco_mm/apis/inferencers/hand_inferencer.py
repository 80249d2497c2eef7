import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from difflib import get_close_matches
from inspect import signature
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.logging import print_log
from mmengine.registry import MODELS
from mmengine.runner.checkpoint import _load_checkpoint
from mmpose.apis.inference import dataset_meta_from_config
from mmpose.apis.inferencers.base_mmpose_inferencer import BaseMMPoseInferencer
from torch import nn

from ...datasets import multiview_collate
from ...utils.config_options import apply_options
from ...utils.inner_dataset import inner_dataset
from ...utils.stored_config import config_from_checkpoint
from ...utils.weight_loading import complete_loading
from ...visualization import HandMeshVisualizer
from .bounded_tensors import BoundedTensors
from .models import find_model, unknown_model
from .stored_parts import network_parts


class HandInferencer(BaseMMPoseInferencer):
    """Makes network, pipeline and visualizer from a config.

    It differs from MMPose's base class in five things: models are looked up in
    this package's metafile first, settings of their configs can be changed, configs
    inside checkpoints are read as data, data sets may be wrapped, and batches may
    have several views.
    """

    # how a calibration file is to be read
    camera_kwargs: set = set()
    # settings of the config to change, by their keys; there before anything is built
    _cfg_options: Mapping[str, Any]

    def _load_model_from_metafile(self, model: str) -> tuple[Config, str | None]:
        found = find_model(model)
        if found is not None:
            return found
        try:
            return super()._load_model_from_metafile(model)
        except ValueError as error:
            raise ValueError(unknown_model(model)) from error

    def _init_model(
        self, cfg: Config, weights: str | None, device: str = 'cpu'
    ) -> nn.Module:
        """As the base class does it, but the file is read once, and without a word.

        Raises:
            ValueError: If the weights are of another network.
        """
        checkpoint = None
        building: AbstractContextManager = nullcontext()
        if weights is not None:
            checkpoint = _load_checkpoint(weights, map_location='cpu', logger='silent')
            if not cfg:
                cfg.update(_stored_config(checkpoint, weights))
                building = _stored_network(checkpoint, weights)
        if cfg.model.type == 'HaMuCo':
            # has no weights, and does something only where there are cameras
            cfg.model.setdefault('absolute', dict(type='OptCenter'))
        _change(cfg, self._cfg_options)
        # in inference mode nobody could say which weights were written
        with building, torch.inference_mode(False):
            cfg.model.pop('pretrained', None)
            model = MODELS.build(cfg.model)
            model.cfg = cfg
            config = getattr(cfg, 'filename', None) or 'its config'
            with complete_loading(model, config, weights) if weights else nullcontext():
                self._load_weights_to_model(model, checkpoint, cfg)
        return model.to(device).eval()

    def _load_weights_to_model(
        self, model: nn.Module, checkpoint: dict | None, cfg: Config
    ) -> None:
        meta = dataset_meta_from_config(cfg, dataset_mode='train')
        if checkpoint is None:
            print_log(
                'without weights the network is a random one, and so are its hands: '
                'give them as `weights` (--weights CHECKPOINT)',
                'current',
                logging.WARNING,
            )
            model.dataset_meta = meta
            return
        # weights without a training's state have no meta information of the data;
        # MMPose's warning that it is the config's then is no news
        checkpoint.setdefault('meta', {}).setdefault('dataset_meta', meta)
        super()._load_weights_to_model(model, checkpoint, cfg)

    def _dispatch_kwargs(self, **kwargs: Any) -> tuple[dict, dict, dict, dict]:
        """As MMEngine's, but an unknown argument is named with the nearest one."""
        known = (
            self.preprocess_kwargs
            | self.forward_kwargs
            | self.visualize_kwargs
            | self.postprocess_kwargs
        )
        for name in kwargs.keys() - known:
            others = {*known, *self.camera_kwargs, *signature(self).parameters}
            near = get_close_matches(name, sorted(others), 1)
            hint = f'; did you mean {near[0]!r}?' if near else ''
            raise ValueError(f'unknown argument {name!r}{hint}')
        return super()._dispatch_kwargs(**kwargs)

    def _init_collate(self, cfg: Config) -> Callable:
        return multiview_collate

    def _init_pipeline(self, cfg: Config) -> Compose:
        """The test pipeline of one view."""
        return Compose(inner_dataset(cfg)[1].pipeline)

    def _init_visualizer(self, cfg: Config) -> HandMeshVisualizer:
        """The config's visualizer if it draws meshes, else one that does."""
        settings = dict(cfg.get('visualizer', {}))
        if settings.get('type') != 'HandMeshVisualizer':
            settings = {}
        settings.pop('type', None)
        settings.pop('vis_backends', None)
        settings['name'] = f'hand_mesh_inferencer_{id(self)}'
        return HandMeshVisualizer.get_instance(**settings)


def _change(cfg: Config, options: Mapping[str, Any]) -> None:
    """Put settings into a config, or into the plain content of one.

    Raises:
        ValueError: If a prediction reads a setting nowhere.
    """
    content = cfg if isinstance(cfg, Config) else Config(cfg)
    apply_options(content, options)
    pipeline = [*inner_dataset(content)[0], 'pipeline']
    unread = [key for key in options if not _is_read(key.split('.'), pipeline)]
    if unread:
        raise ValueError(
            f'--cfg-options: a prediction does not read {", ".join(unread)}, only '
            f'model, visualizer and {".".join(pipeline)}'
        )
    if content is not cfg:
        cfg.update(content._cfg_dict)


def _is_read(names: Sequence[str], pipeline: Sequence[str]) -> bool:
    if names[0] in ('model', 'visualizer', 'custom_imports', 'default_scope'):
        return True
    # the pipeline, something in it, or a part that holds it
    depth = min(len(names), len(pipeline))
    return list(names[:depth]) == list(pipeline[:depth])


def _stored_config(checkpoint: dict, weights: str) -> dict:
    """What is built of the config inside the checkpoint ``weights``."""
    stored = config_from_checkpoint(checkpoint, weights)
    with _distrusted(weights):
        return network_parts(stored)


@contextmanager
def _stored_network(checkpoint: dict, weights: str) -> Iterator[None]:
    """Bound the memory of what the block builds of the config inside the checkpoint
    ``weights`` by that of the weights."""
    state = checkpoint.get('state_dict')
    with (
        _distrusted(weights),
        BoundedTensors(state if isinstance(state, dict) else {}),
    ):
        yield


@contextmanager
def _distrusted(weights: str) -> Iterator[None]:
    """Say what to do where the config inside the checkpoint ``weights`` is no use."""
    try:
        yield
    except (ValueError, MemoryError) as error:
        raise ValueError(
            f'the config in {weights} is not used ({error}): give the config as '
            '`model` and the file as `weights`, if you trust it'
        ) from error
