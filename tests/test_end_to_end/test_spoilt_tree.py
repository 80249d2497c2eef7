"""A tree with a file in twenty spoilt, each in another way, trains as the whole one."""

import numpy as np
import pytest
import torch
from hanco_tree import HanCoTree
from killed_trainings import train
from spoilings import WAYS

from hamuco_mm.datasets import multiview_collate
from hamuco_mm.utils.left_out import LeftOutFile

FRAMES = 150
ROOT = 9


def spoil_all(tree: HanCoTree) -> list:
    """The files that were spoilt, each of a time step of its own."""
    paths = []
    for number, (kind, spoil) in enumerate(WAYS):
        frame = 2 * number + 1
        path = {
            'image': tree.image_path(0, frame, number % 3),
            'label': tree.label_path(0, frame, number % 3),
            'calib': tree.frame_path('calib', 0, frame),
            'xyz': tree.frame_path('xyz', 0, frame),
        }[kind]
        spoil(path)
        paths.append(path)
    return paths


def mean_error(runner, whole) -> float:
    """Millimetres, of the joints relative to the root, on the clean tree."""
    errors = []
    runner.model.eval()
    for index in range(0, 40, 2):
        torch.manual_seed(0)
        batch = multiview_collate([whole[index]])
        with torch.no_grad():
            samples = runner.model.test_step(batch)
        for sample in samples:
            true = sample.gt_instances.keypoints_cam[0]
            found = sample.pred_instances.keypoints_cam[0]
            errors.append(np.linalg.norm(found - (true - true[ROOT]), axis=-1).mean())
    return 1000 * float(np.mean(errors))


@pytest.mark.slow
def test_spoilt_tree_trains_as_the_whole_one(tmp_path):
    assert len(WAYS) >= 60
    trees = [HanCoTree(tmp_path / name, {0: FRAMES}) for name in ('whole', 'spoilt')]
    files = sum(path.is_file() for path in trees[1].root.rglob('*'))
    paths = spoil_all(trees[1])
    assert len(paths) >= 0.05 * files - 3
    runs = [
        train(tree.root, tmp_path / f'run_{i}', i, max_epochs=1)
        for i, tree in enumerate(trees)
    ]
    listed = '\n'.join(
        place for place, _ in LeftOutFile(tmp_path / 'run_1/left_out.tsv').read()
    )
    assert [str(path) for path in paths if str(path) not in listed] == []
    assert not (tmp_path / 'run_0/left_out.tsv').exists()
    whole = runs[0].train_dataloader.dataset
    errors = [mean_error(run, whole) for run in runs]
    assert abs(errors[0] - errors[1]) < 0.2
