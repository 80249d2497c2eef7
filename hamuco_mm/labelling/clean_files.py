"""Clean the labels of a data set: new confidences, the rest stays as it is."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..datasets import HanCoDataset, MultiViewDataset, RigHandDataset
from ..datasets.build import views_by_sequence
from ..datasets.labels.joint_rows import joint_rows
from ..datasets.rig import read_annotations, write_annotations
from ..hand_model import NUM_JOINTS
from ..rigs.check import RigObservations
from ..utils.files import replaced_directory
from ..utils.json_files import read_json
from .agreement import agreement
from .hanco_labels import SOURCE_FILE

# of a rig's sequence with its time steps -> factors by the label's id
_FACTORS = dict[int, np.ndarray]


def clean_rig(
    source: Path, out: Path, settings: dict, advance: Callable[[int, int], None]
) -> Counter:
    """Write the JSON file of a rig with new confidences.

    Args:
        source (Path): The file.
        out (Path): The new one, in the same directory.
        settings (dict): Arguments of :func:`~hamuco_mm.labelling.agreement.agreement`.
        advance (callable): Called with the numbers of sequences done and of
            all.

    Returns:
        Counter: Labelled joints that are 'kept', 'lowered' (below half) and
        'unknown' (not seen by two cameras).

    Raises:
        ValueError: If it has no cameras or no labels, or is no such file.
    """
    rig = read_annotations(source)
    dataset = MultiViewDataset(
        RigHandDataset(
            str(source.parent), source.name, test_mode=True, keep_unlabelled=False
        )
    )
    factors: _FACTORS = {}
    sequences = views_by_sequence(dataset)
    for done, views in enumerate(sequences.values(), 1):
        factors.update(_factors(views, settings))
        advance(done, len(sequences))
    _refuse_nothing(source, factors)
    count: Counter[str] = Counter()
    for hand in rig['annotations']:
        if hand['id'] in factors:
            joints = np.array(hand['keypoints'], float).reshape(NUM_JOINTS, 3)
            joints[:, 2] = _scaled(joints[:, 2], factors[hand['id']], count)
            hand['keypoints'] = joints.ravel().tolist()
            hand['num_keypoints'] = int((joints[:, 2] > 0).sum())
    rig.setdefault('info', {})['cleaned'] = dict(settings)
    write_annotations(out, rig)
    return count


def clean_hanco(
    root: Path,
    labels: Path | None,
    out: Path,
    settings: dict,
    advance: Callable[[int, int], None],
) -> Counter:
    """Write a directory of labels in HanCo's layout with new confidences.

    Args:
        root (Path): The data set.
        labels (Path, optional): Its labels, if not ``rgb_2D_keypoints``.
        out (Path): Directory for the new ones.
        settings (dict), advance (callable): See :func:`clean_rig`.

    Returns:
        Counter: See :func:`clean_rig`.

    Raises:
        ValueError: If it has no cameras or no labels.
    """
    prefix = {} if labels is None else dict(keypoints=str(labels.resolve()))
    flat = HanCoDataset(str(root), data_prefix=prefix, test_mode=True)
    source = Path(flat.data_list.layout['keypoints'])
    sequences = _hanco_sequences(flat)
    count: Counter[str] = Counter()
    cleaned = 0
    with replaced_directory(out) as part:
        _copy_files(source, part)
        for done, rows in enumerate(sequences.values(), 1):
            views = [flat.get_data_info(int(row)) for row in rows]
            factors = _factors(views, settings)
            for view in views:
                if view['id'] not in factors:
                    continue
                sequence, frame = view['frame_id'].split('/')
                name = f'{sequence}/cam{view["camera_id"]}/{frame}.json'
                points, stated = read_json(source / name)
                confidence = joint_rows(source / name, stated, 'entry 1', 1)[:, 0]
                confidence = _scaled(confidence, factors[view['id']], count)
                (part / name).write_text(json.dumps([points, confidence.tolist()]))
                cleaned += 1
            advance(done, len(sequences))
        _refuse_nothing(root, cleaned)
        note = part / SOURCE_FILE
        known = read_json(note) if note.exists() else {}
        note.write_text(json.dumps(dict(known, cleaned=settings), indent=1))
    return count


def _copy_files(source: Path, target: Path) -> None:
    """As shutil.copytree, which does not say that the disk is full."""
    for folder, _, names in os.walk(source, followlinks=True):
        copy = target / Path(folder).relative_to(source)
        copy.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copy2(Path(folder) / name, copy / name)


def _hanco_sequences(flat: HanCoDataset) -> dict[int, np.ndarray]:
    """Rows of each sequence, without making the items."""
    frames, _ = flat.view_keys()
    sequence = np.asarray(flat.data_list.columns['frame_sequence'])[frames]
    return {s: np.flatnonzero(sequence == s) for s in np.unique(sequence)}


def _factors(views: Sequence[dict], settings: dict) -> _FACTORS:
    """Factors (21, ) of the views that can be compared, by their ``id``."""
    try:
        rig = RigObservations.from_views(views)
    except ValueError:  # no time step with two labelled cameras
        return {}
    found = agreement(rig, **settings)
    steps = {frame_id: i for i, frame_id in enumerate(rig.frame_ids)}
    names = {name: i for i, name in enumerate(rig.names)}
    return {
        view['id']: found[
            steps[view['frame_id']],
            names[view.get('camera', f'cam{view["camera_id"]}')],
        ]
        for view in views
        if 'camera_param' in view
    }


def _scaled(confidence: np.ndarray, factor: np.ndarray, count: Counter) -> np.ndarray:
    labelled = confidence > 0
    known = np.isfinite(factor) & labelled
    low = known & (factor < 0.5)
    count.update(
        kept=int((known & ~low).sum()),
        lowered=int(low.sum()),
        unknown=int((labelled & ~known).sum()),
    )
    new = np.where(known, confidence * np.nan_to_num(factor), confidence)
    return np.where(np.isfinite(new), new, 0).round(4)


def _refuse_nothing(source: Path, cleaned: object) -> None:
    if not cleaned:
        raise ValueError(
            f'{source}: no time step has two views with both a camera and a '
            'label, so nothing can be compared'
        )
