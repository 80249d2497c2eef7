"""Labels by a trained network: its fused hand in each of the views (paper,
section 4.6, iterative training)."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.model import BaseModel
from mmpose.structures import PoseDataSample
from torch.utils.data import DataLoader

from ..datasets import MultiViewDataset, multiview_collate
from ..datasets.hanco.parsing import read_keypoints
from ..datasets.labels.hand_label import HandLabel
from ..hand_model import NUM_JOINTS
from .agreement import TOLERANCE
from .hanco_labels import HanCoLabels
from .shards import Shards


def view_agreement(
    own: np.ndarray, fused: np.ndarray, tolerance: float = TOLERANCE
) -> np.ndarray:
    """How well the views of a time step agree on each joint.

    With the root mean square ``e``, over the views, of the distance between a view's
    own joint and the fused one, the agreement is ``exp(-2 (e / tolerance)^2)``, as
    in :func:`~hamuco_mm.labelling.agreement.agreement`. Hands are compared about
    their centres: root joints agree by definition.

    Args:
        own (np.ndarray): Joints of each view's own hand in the frame of its camera,
            metres, (V, 21, 3).
        fused (np.ndarray): Joints of the fused hand in these frames, (V, 21, 3).
        tolerance (float): In sizes of the hand, the longest side of its box.
            Defaults to 0.12.

    Returns:
        np.ndarray: In [0, 1], (21, ).
    """
    own = own - own.mean(1, keepdims=True)
    size = np.ptp(fused, axis=1).max()
    fused = fused - fused.mean(1, keepdims=True)
    squared = np.square(own - fused).sum(-1).mean(0) / size**2
    return np.exp(-2 * squared / tolerance**2)


def labels_of_time_steps(
    samples: Sequence[PoseDataSample],
) -> Iterator[tuple[str, HandLabel]]:
    """The labels that predictions of whole time steps give.

    Time steps of one view give none: nothing is known of how good it is.

    Args:
        samples (Sequence[PoseDataSample]): Predictions of
            :class:`~hamuco_mm.models.HaMuCo`, the views of a time step one after the
            other.

    Yields:
        tuple: '<sequence>/cam<number>/<frame>', and the fused hand in pixels of that
        image with the agreement of the views as confidence.
    """
    start = 0
    while start < len(samples):
        views = samples[start : start + samples[start].num_views]
        start += len(views)
        if len(views) == 1:
            continue
        found = [view.pred_instances for view in views]
        stage = '_interact' if 'keypoints_cam_interact' in found[0] else ''
        confidence = view_agreement(
            *(
                np.concatenate([hand[name] for hand in found])
                for name in (f'keypoints_cam{stage}', 'keypoints_cam_fused')
            )
        )
        for view, hand in zip(views, found):
            sequence, frame = view.frame_id.split('/')
            label = HandLabel(hand.keypoints_fused[0], confidence)
            yield f'{sequence}/cam{view.camera_id}/{frame}', label


@torch.no_grad()
def predict_labels(
    model: BaseModel,
    dataset: MultiViewDataset,
    shards: Shards,
    batch_size: int = 8,
    num_workers: int = 0,
    advance: Callable[[int], None] = lambda number: None,
) -> None:
    """Make the shards that are missing; one that is there is kept.

    Args:
        model (BaseModel): A trained network, in evaluation mode.
        dataset (MultiViewDataset): With ``test_mode``.
        shards (Shards): Of the time steps; must be open.
        batch_size (int): Time steps at a time.
        num_workers (int): Processes that load images.
        advance (callable): Called with the number of time steps just done.
    """
    todo = shards.missing()
    batches = [
        (shard, list(items[i : i + batch_size]))
        for shard in todo
        for items in (shards.items(shard),)
        for i in range(0, len(items), batch_size)
    ]
    loader: DataLoader = DataLoader(
        dataset,
        batch_sampler=[steps for _, steps in batches],
        num_workers=num_workers,
        collate_fn=multiview_collate,
    )
    found: list[tuple[str, HandLabel]] = []
    for (shard, steps), batch in zip(batches, loader):
        samples = model.test_step(batch)
        found += labels_of_time_steps(samples)
        if steps[-1] == shards.items(shard)[-1]:
            shards.write(shard, _as_arrays(found))
            found = []
        advance(len(steps))


def write_labels(
    shards: Shards, root: Path, out: Path, source: dict
) -> tuple[int, int]:
    """Write complete shards as labels of a data set in HanCo's layout.

    Images that have no new label (those that are held out, single views) keep the
    one that the data set has.

    Args:
        shards (Shards): The results of :func:`predict_labels`.
        root (Path): The data set.
        out (Path): Directory of the labels.
        source (dict): What they were made with.

    Returns:
        tuple: Number of new labels and of labels that were kept.
    """
    new: dict[str, HandLabel] = {}
    for shard in range(len(shards)):
        content = shards.read(shard)
        for name, *label in zip(
            content['images'].tolist(), content['keypoints'], content['confidence']
        ):
            new[name] = HandLabel(*(values.astype(float) for values in label))
    target = HanCoLabels(root, out)
    images = target.images
    kept = 0

    def labels() -> Iterator[tuple[int, HandLabel | None]]:
        nonlocal kept
        for index, name in enumerate(images.names):
            label = new.get(name)
            path = images.labels / f'{name}.json'
            if label is None and path.exists():
                label = HandLabel(*read_keypoints(path))
                kept += 1
            yield index, label

    target.write(labels(), source)
    return len(new), kept


def _as_arrays(found: list[tuple[str, HandLabel]]) -> dict[str, np.ndarray]:
    # strings of a fixed length: no pickle
    names = np.array([name for name, _ in found], dtype=np.str_)
    points = [label.keypoints for _, label in found]
    confidences = [label.confidence for _, label in found]
    return dict(
        images=names,
        keypoints=np.array(points, np.float32).reshape(-1, NUM_JOINTS, 2),
        confidence=np.array(confidences, np.float32).reshape(-1, NUM_JOINTS),
    )
