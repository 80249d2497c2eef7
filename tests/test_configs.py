from collections import Counter
from pathlib import Path

import hamuco_mm  # noqa: F401, isort: skip, before mmpose.apis

import pytest
from mmengine.config import Config
from mmpose.apis import init_model
from mmpose.registry import DATASETS, MODELS, TRANSFORMS

from hamuco_mm.datasets.transforms import RemoveLabels

REPOSITORY = Path(__file__).resolve().parents[1]
CONFIGS = sorted(
    path
    for path in (REPOSITORY / 'configs').rglob('*.py')
    if '_base_' not in path.parts
)


def test_names_are_unique():
    """MIM looks a config up by its base name."""
    names = Counter(path.name for path in (REPOSITORY / 'configs').rglob('*.py'))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_every_config_builds_its_model_and_names_the_parts_right(path):
    config = Config.fromfile(path)
    if 'hand_model' in config.model.head:
        config.model.head.hand_model = None
    config.model.backbone.init_cfg = None  # no download in a test
    model = MODELS.build(config.model)
    multiview = config.model.type == 'HaMuCo'
    dataset = config.train_dataloader.dataset
    if dataset.type == 'FrameWindowDataset':
        dataset = dataset.dataset
    types = [part.type for part in dataset.get('datasets', [dataset])]
    # single views learn from each other if they make labels, or share a loss; those
    # that are rendered while it trains are rendered together, in less time
    several_views = (
        multiview
        or 'step_pipeline' in dataset
        or dataset.get('dataset', {}).get('type') == 'GeneratedHandDataset'
        or 'loss_mixed_views' in config.model.head
        or config.model.head.type.endswith('TriangulationHead')
    )
    assert ('MultiViewDataset' in types) == several_views
    hooks = [hook.type for hook in config.default_hooks.values()]
    # nothing to switch on where the truth supervises in place of other views
    assert ('LossScheduleHook' in hooks) == (multiview and len(model.view_losses) > 0)
    width, height = config.codec.input_size
    assert model.head.decoder.input_size == (width, height)
    # MMPose's inferencers take the joints' names from this data set
    assert config.dataset_type in DATASETS


@pytest.mark.parametrize(
    'path',
    [p for p in CONFIGS if p.stem.startswith('hamuco-plus')],
    ids=lambda p: p.stem,
)
def test_joints_that_are_made_of_labels_reach_the_losses(path):
    """`hamuco-plus` learns from triangulated 3D joints: nothing removes them again."""
    config = Config.fromfile(path)
    assert config.model.head.loss_keypoint_cam.loss_weight > 0
    assert config.model.view_head.loss_keypoint_cam.loss_weight > 0
    views = config.train_dataloader.dataset
    assert [step.type for step in views.step_pipeline] == ['TriangulateLabels']
    steps = [TRANSFORMS.build(step) for step in views.dataset.pipeline]
    labels = dict(keypoints_cam=1, vertices=2)
    for step in steps:
        if isinstance(step, RemoveLabels):
            labels = step(labels)
    assert 'keypoints_cam' in labels


def test_a_model_for_inference_needs_no_checkpoint():
    model = init_model(
        REPOSITORY / 'configs/hamuco_demo.py',
        device='cpu',
        cfg_options=dict(model=dict(backbone=dict(init_cfg=None))),
    )
    assert model.dataset_meta['dataset_name'] == 'hanco'
    assert model.dataset_meta['num_keypoints'] == 21


def test_the_model_index_lists_what_there_is():
    """What `mim search hamuco_mm` reads."""
    load = pytest.importorskip('modelindex.load_model_index').load
    index = load(str(REPOSITORY / 'model-index.yml'))
    collections = {collection.name for collection in index.collections}
    assert collections == {'HaMuCo'}
    listed = [model.config for model in index.models]
    for model in index.models:
        assert (REPOSITORY / model.config).is_file(), model.config
        assert model.name == Path(model.config).stem
        assert model.in_collection in collections
    hanco = [path for path in CONFIGS if path.parent.name == 'hanco']
    assert {str(path.relative_to(REPOSITORY)) for path in hanco} < set(listed)


def test_the_papers_schedule():
    config = Config.fromfile(REPOSITORY / 'configs/hamuco_hanco.py')
    assert config.codec.input_size == (256, 256)
    assert config.train_dataloader.batch_size == 8
    assert config.train_cfg.max_epochs == 40
    assert config.optim_wrapper.optimizer == dict(type='AdamW', lr=3e-4, fused=True)
    schedule = config.default_hooks.loss_schedule
    assert schedule == dict(type='LossScheduleHook', warmup_epochs=10)


def test_a_missing_mano_file_is_explained_before_training():
    config = Config.fromfile(REPOSITORY / 'configs/hamuco_hanco.py')
    config.model.backbone.init_cfg = None
    config.model.head.hand_model.path = 'nowhere/MANO_RIGHT.pkl'
    with pytest.raises(FileNotFoundError) as error:
        MODELS.build(config.model)
    message = str(error.value)
    for part in ('nowhere/MANO_RIGHT.pkl', 'mano.is.tue.mpg.de', 'hand_model'):
        assert part in message
