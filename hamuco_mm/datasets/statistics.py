"""Numbers that describe a multi-view data set."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from ..cameras import Camera

_PERCENTILES = (5, 25, 50, 75, 95)


def dataset_statistics(steps: Iterable[list[dict]]) -> dict[str, dict]:
    """Count what a data set has and what is missing. Reads no images.

    Args:
        steps (Iterable[list[dict]]): Of each time step the data infos of its
            views, see :class:`~hamuco_mm.datasets.HanCoDataset`.

    Returns:
        dict: ``counts`` (of images, time steps, sequences, cameras, and of
        images with labels, cameras, distortion and 3D truth),
        ``views_per_step`` (number -> time steps), ``images_per_camera``,
        ``hand_sides``, ``image_sizes``; percentiles of ``confidence`` (of
        joints that are not missing), ``missing_joints`` (share of the joints
        of a labelled image), ``bbox_side`` (longer side in pixels) and
        ``bbox_share`` (the same as part of the image's).
    """
    counts = Counter(images=0)
    views_per_step: Counter[int] = Counter()
    per_camera: Counter[str] = Counter()
    sides: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    sequences: set[str] = set()
    confidence, missing, bbox_side, bbox_share = [], [], [], []
    for views in steps:
        counts['time_steps'] += 1
        views_per_step[len(views)] += 1
        for view in views:
            counts['images'] += 1
            sequences.add(view.get('sequence', ''))
            per_camera[view.get('camera', f'cam{view.get("camera_id", 0)}')] += 1
            sides[view.get('hand_side', 'right')] += 1
            visible = view['keypoints_visible'][0]
            labelled = visible > 0
            counts['labelled'] += bool(labelled.any())
            camera = view.get('camera_param')
            counts['calibrated'] += camera is not None
            counts['with_distortion'] += (
                camera is not None and Camera.from_camera_param(camera).has_lens
            )
            counts['with_3d_joints'] += 'keypoints_cam' in view
            counts['with_meshes'] += 'vertices' in view
            if labelled.any():
                confidence.append(visible[labelled])
                missing.append(1 - labelled.mean())
            box = view['bbox'][0]
            side = float((box[2:] - box[:2]).max())
            bbox_side.append(side)
            size = view.get('image_size')
            if size is not None and np.all(size):
                sizes['{}x{}'.format(*map(int, size))] += 1
                bbox_share.append(side / float(np.max(size)))
    counts.update(sequences=len(sequences), cameras=len(per_camera))
    confidence = np.concatenate(confidence) if confidence else []
    return dict(
        counts=dict(counts),
        views_per_step={str(k): views_per_step[k] for k in sorted(views_per_step)},
        images_per_camera=dict(per_camera),
        hand_sides=dict(sides),
        image_sizes=dict(sizes.most_common()),
        confidence=_percentiles(confidence),
        missing_joints=_percentiles(missing),
        bbox_side=_percentiles(bbox_side),
        bbox_share=_percentiles(bbox_share),
    )


def _percentiles(values: Sequence[float] | np.ndarray) -> dict[str, float]:
    if not len(values):
        return {}
    numbers = np.percentile(values, _PERCENTILES)
    return dict(
        mean=float(np.mean(values)),
        **{f'p{p}': float(n) for p, n in zip(_PERCENTILES, numbers)},
    )
