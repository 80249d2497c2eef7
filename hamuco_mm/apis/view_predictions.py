"""What a network predicts in every view of a data set."""

import numpy as np
import torch
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import init_default_scope
from mmengine.runner import Runner, load_checkpoint
from mmpose.registry import DATASETS, MODELS
from rich.progress import track

from ..cameras.distortion import undistort_points
from ..structures.predicted_views import PredictedViews


def predict_views(cfg, checkpoint: str, device: str | None = None) -> PredictedViews:
    """Predict all views of a config's ``test_dataloader``.

    Args:
        cfg (Config): With a multi-view model and data set.
        checkpoint (str): Path or URL of its weights.
        device (str, optional): Defaults to the GPU if there is one.

    Returns:
        PredictedViews: The joints, without meshes. 2D keypoints, predicted
        and labelled, are those of the same camera without lens distortion.
    """
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    # first, as a wrong data_root is found out sooner than weights are loaded
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    model = revert_sync_batchnorm(MODELS.build(cfg.model))
    load_checkpoint(model, checkpoint, map_location='cpu', strict=True)
    default = 'cuda' if torch.cuda.is_available() else 'cpu'
    model.to(device or default).eval()
    loader = Runner.build_dataloader({**cfg.test_dataloader, 'dataset': dataset})
    samples = []
    with torch.no_grad():
        for batch in track(loader, description='Predicting'):
            samples += [_joints_of(x) for x in model.test_step(batch)]
    return PredictedViews.from_samples(samples)


def _joints_of(sample) -> dict:
    """A data sample as a dict, straight lines straight, without meshes."""
    sample = sample.cpu().to_dict()
    camera = sample.get('camera_param') or {}
    for name in ('pred_instances', 'gt_instances'):
        instances = sample.get(name, {})
        fields = {
            field: value
            for field, value in instances.items()
            if 'vertices' not in field
        }
        if 'dist' in camera:
            fields.update(
                {
                    field: _undistort(value, camera)
                    for field, value in fields.items()
                    if field.startswith('keypoints') and value.shape[-1] == 2
                }
            )
        sample[name] = fields
    return sample


def _undistort(keypoints: np.ndarray, camera: dict) -> np.ndarray:
    pixels, K, dist = (
        torch.as_tensor(x, dtype=torch.float64)
        for x in (keypoints, camera['K'], camera['dist'])
    )
    return undistort_points(pixels, K, dist).numpy()
