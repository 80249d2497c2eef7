"""One line of a config sets the hand model everywhere, or leaves MANO out."""

import numpy as np
import pytest
from hand_model_files import write_hand_model
from mmengine.config import Config
from mmengine.runner import Runner
from mmpose.registry import DATASETS

from hamuco_mm.datasets.build import build_dataset
from hamuco_mm.datasets.hand_model_loan import HandModelNotLentError, lend_hand_model
from hamuco_mm.hand_model import MANOLayer, load_hand_model

LINE = 'model.head.hand_model.path'


@pytest.fixture
def mano(tmp_path):
    return str(write_hand_model(tmp_path / 'MANO_RIGHT.npz'))


@pytest.fixture
def hanco(make_tree):
    """A small data set with MANO's fits."""
    tree = make_tree(sequences={1: 1, 1200: 1}, num_cameras=2)
    tree.write_fits()
    (tree.root / 'rgb_merged').symlink_to(tree.root / 'rgb')
    return tree.root


@pytest.fixture
def paper(repository, hanco, monkeypatch, tmp_path):
    """Function: options of the command line -> the paper's config, with a
    narrow network, on that data set."""
    monkeypatch.setenv('HANCO_ROOT', str(hanco))

    def load(**options) -> Config:
        cfg = Config.fromfile(repository / 'configs/hamuco_hanco.py')
        cfg.work_dir = str(tmp_path / 'work')
        cfg.visualizer.name = str(tmp_path)
        cfg.model.backbone.update(
            depth=18, stem_channels=8, base_channels=8, init_cfg=None
        )
        for split in ('train', 'val', 'test'):
            cfg[f'{split}_dataloader'].update(num_workers=1, pin_memory=False)
            cfg[f'{split}_dataloader'].dataset.dataset.index_workers = 1
        cfg.merge_from_dict(options)
        return cfg

    return load


def hands_of(model) -> list[str]:
    return [part.name for part in model.modules() if isinstance(part, MANOLayer)]


def test_in_the_head_it_is_everywhere(paper, mano):
    """Also in the worker process that loads the truth."""
    runner = Runner.from_cfg(paper(**{LINE: mano}))
    metrics = runner.test()
    assert hands_of(runner.model) == ['MANO_RIGHT', 'MANO_RIGHT']
    # the truth's mesh is there, and of that hand: as far from its joints
    assert metrics['fusion/MPVPE'] > 0
    dataset = runner.test_dataloader.dataset
    truth = dataset.dataset.get_data_info(0)['vertices']
    cfg = paper(**{LINE: mano})
    explicit = cfg.test_dataloader.dataset
    explicit.dataset.hand_model = dict(path=mano)
    named = DATASETS.build(explicit).dataset.get_data_info(0)['vertices']
    np.testing.assert_array_equal(truth, named)


def test_left_out_of_the_head_it_is_nowhere(paper):
    """The fits are MANO's, so the truth has no meshes then."""
    runner = Runner.from_cfg(paper(**{LINE: None}))
    metrics = runner.test()
    assert set(hands_of(runner.model)) == {'open_hand_right'}
    assert 'fusion/MPJPE' in metrics and 'fusion/MPVPE' not in metrics
    assert 'vertices' not in runner.test_dataloader.dataset.dataset.get_data_info(0)


def test_it_is_lent_before_training_and_validation(paper, mano):
    """To a training set of photos with meshes within other data sets, too."""
    cfg = paper(**{LINE: mano})
    flat = dict(cfg.train_dataloader.dataset.dataset, hand_model=dict(path='head'))
    views = dict(cfg.train_dataloader.dataset, dataset=flat)
    cfg.train_dataloader.dataset = dict(
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/freihand2d.py'),
        datasets=[views, flat],
    )
    runner = Runner.from_cfg(cfg)
    runner.call_hook('before_train')
    runner.call_hook('before_val')
    parts = runner.train_dataloader.dataset.datasets
    for dataset in (parts[0].dataset, parts[1], runner.val_dataloader.dataset.dataset):
        assert 'vertices' in dataset.get_data_info(0)


def test_what_a_config_names_counts(paper, mano, tmp_path):
    other = str(write_hand_model(tmp_path / 'other.npz'))
    test_set = 'test_dataloader.dataset.dataset.hand_model'
    cfg = paper(
        **{LINE: mano, f'{test_set}.path': other, 'model.view_head.hand_model': None}
    )
    cfg.val_dataloader.dataset.dataset.hand_model = None
    runner = Runner.from_cfg(cfg)
    assert hands_of(runner.model) == ['MANO_RIGHT', 'open_hand_right']
    assert build_dataset(cfg, 'test').dataset.hand_model == dict(path=other)
    assert 'vertices' not in build_dataset(cfg, 'val').dataset.get_data_info(0)


def test_a_data_set_alone_says_that_nobody_lends(paper, mano):
    cfg = paper()
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    with pytest.raises(HandModelNotLentError, match='HandModelHook'):
        dataset[0]
    lend_hand_model(dataset, dict(path=mano))
    assert 'vertices' in dataset.dataset.get_data_info(0)


def test_a_missing_file_is_told_before_the_first_batch(paper):
    with pytest.raises(FileNotFoundError, match='nowhere/MANO_RIGHT.pkl'):
        build_dataset(paper(**{LINE: 'nowhere/MANO_RIGHT.pkl'}), 'test')


def test_pictures_have_the_faces_of_the_hand_that_was_predicted(paper, mano):
    runner = Runner.from_cfg(paper(**{LINE: mano}))
    runner.model.eval()
    loader = dict(runner.cfg.val_dataloader, dataset=build_dataset(runner.cfg, 'val'))
    batch = next(iter(runner.build_dataloader(loader)))
    sample = runner.model.test_step(batch)[0]
    faces = runner.visualizer.faces_of(sample.metainfo)
    np.testing.assert_array_equal(faces, load_hand_model(mano).faces)
    assert (faces != load_hand_model().faces).any()
