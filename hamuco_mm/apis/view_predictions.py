"""What a network predicts in the views of a config's test set."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

import numpy as np
import torch
from mmengine.config import Config
from mmengine.model import BaseModel, revert_sync_batchnorm
from mmengine.registry import init_default_scope
from mmengine.runner import Runner, load_checkpoint
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from rich.progress import track
from torch import nn
from torch.utils.data import Dataset, Subset

from ..datasets import FrameWindowDataset
from ..datasets.build import build_dataset
from ..hand_model import MANOLayer
from ..structures import PredictedViews, without_meshes
from ..utils.weight_loading import complete_loading


def load_model(
    cfg: Config, checkpoint: str, device: str | None = None, strict: bool = True
) -> BaseModel:
    """The config's model with the weights of a checkpoint, for prediction.

    Args:
        cfg (Config): With a ``model``.
        checkpoint (str): Path or URL of its weights.
        device (str, optional): Defaults to the GPU if there is one.
        strict (bool): Whether all weights must fit; else a single-view config
            leaves aside what a checkpoint has for several views.

    Raises:
        RuntimeError: If weights are missing or left over, and ``strict``.
        ValueError: If weights are missing.
    """
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    model = revert_sync_batchnorm(MODELS.build(cfg.model))
    with complete_loading(model, cfg.filename or 'the config', checkpoint):
        load_checkpoint(model, checkpoint, map_location='cpu', strict=strict)
    default = 'cuda' if torch.cuda.is_available() else 'cpu'
    return model.to(device or default).eval()


def faces_of(model: nn.Module) -> np.ndarray:
    """Faces (F, 3) of the meshes that a model predicts."""
    hand = next(x for x in model.modules() if isinstance(x, MANOLayer))
    return hand.faces.cpu().numpy()


def build_test_set(cfg: Config) -> Dataset:
    """The data set of the config's ``test_dataloader``."""
    return build_dataset(cfg, 'test')


@torch.no_grad()
def predict_batches(
    cfg: Config,
    model: BaseModel,
    dataset: Dataset,
    items: Sequence[int] | None = None,
) -> Iterator[list[PoseDataSample]]:
    """Run a model over a test set, with a progress bar.

    Args:
        cfg (Config): With the ``test_dataloader`` to load with.
        model (BaseModel): From :func:`load_model`.
        dataset (Dataset): From :func:`build_test_set`.
        items (Sequence[int], optional): Items of :func:`~hamuco_mm.datasets.
            frame_window_dataset.time_steps_of` the data set, such as time steps:
            they are loaded one by one, a time step of a window with that. Defaults
            to all.

    Yields:
        list[PoseDataSample]: All views of a batch; with ``items``, of one
        item.
    """
    loader = dict(cfg.test_dataloader, dataset=dataset)
    wanted: Iterable[Sequence[int]] = repeat(())
    if items is not None:
        if isinstance(dataset, FrameWindowDataset):
            windows = dataset.windows_of(items)
            items = [idx for idx, _ in windows]
            wanted = [places for _, places in windows]
        loader.update(
            dataset=Subset(dataset, items),
            batch_size=1,
            num_workers=0,
            persistent_workers=False,
        )
    batches = track(Runner.build_dataloader(loader), description='Predicting')
    for batch, places in zip(batches, wanted):
        samples = model.test_step(batch)
        if not places:
            yield samples
        for place in places:
            yield [sample for sample in samples if sample.frame_index == place]


def predict_views(
    cfg: Config, checkpoint: str, device: str | None = None
) -> PredictedViews:
    """Predict all views of a config's test set.

    Args:
        cfg (Config): With a multi-view model and data set.
        checkpoint (str): Path or URL of its weights.
        device (str, optional): Defaults to the GPU if there is one.

    Returns:
        PredictedViews: The joints, without meshes. 2D keypoints, predicted
        and labelled, are those of the same camera without lens distortion.
    """
    # first, as a wrong data_root is found out sooner than weights are loaded
    dataset = build_test_set(cfg)
    model = load_model(cfg, checkpoint, device)
    samples = [
        without_meshes(sample.cpu().to_dict())
        for batch in predict_batches(cfg, model, dataset)
        for sample in batch
    ]
    return PredictedViews.from_samples(samples).undistorted()
