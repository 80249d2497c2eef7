"""A checkpoint from elsewhere runs nothing, and opens no file that it names."""

import os
import pickle
import resource

import pytest
import torch
from mmengine.config import Config
from small_networks import model_config

from hamuco_mm.apis import HaMuCoInferencer
from hamuco_mm.apis.inferencers.bounded_tensors import BoundedTensors
from hamuco_mm.apis.inferencers.stored_parts import network_parts
from hamuco_mm.utils.stored_config import config_from_checkpoint

PIPELINE = [dict(type='LoadImage'), dict(type='GetBBoxCenterScale', padding=1.0)]


def stored(model: dict | None = None, pipeline: list | None = None, **others) -> dict:
    cfg = Config(
        dict(
            model=model_config() if model is None else model,
            test_dataloader=dict(
                dataset=dict(dataset=dict(pipeline=pipeline or PIPELINE))
            ),
            **others,
        )
    )
    return dict(meta=dict(cfg=cfg.pretty_text), state_dict={})


class _MakesADirectory:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    'type_name',
    [
        'mmengine.load',
        'mmengine.fileio.load',
        'mmengine.Config.fromfile',
        'mmpose.apis.init_model',
        'mmcv.imwrite',
        'pickle.load',
        'LoadEverything',
        'os',
    ],
)
@pytest.mark.parametrize('place', ['model', 'backbone', 'decoder', 'pipeline'])
def test_a_checkpoint_calls_no_function(type_name, place, tmp_path):
    marker, payload = tmp_path / 'executed', tmp_path / 'payload.pkl'
    payload.write_bytes(pickle.dumps(_MakesADirectory(marker)))
    call = dict(type=type_name, file='payload')  # a plain word
    model, pipeline = model_config(), None
    if place == 'model':
        model = call
    elif place == 'backbone':
        model['backbone'] = call
    elif place == 'decoder':
        model['head']['decoder'] = call
    else:
        pipeline = [call]
    file = tmp_path / 'hostile.pth'
    torch.save(stored(model, pipeline), file)
    text = torch.load(file, weights_only=True)['meta']['cfg']
    torch.save(dict(meta=dict(cfg=text.replace("'payload'", repr(str(payload))))), file)
    with pytest.raises(ValueError, match='hostile.pth'):
        HaMuCoInferencer(weights=str(file), model=None, device='cpu')
    assert not marker.exists()


@pytest.mark.parametrize(
    'changes',
    [
        dict(head=dict(type='MANOHead', hand_model=dict(path='/data/MANO.pkl'))),
        dict(head=dict(type='MANOHead', hand_model=dict(path='hand.npz'))),
        dict(
            type='DWPoseDistiller',
            teacher_cfg='http://example.com/a.py',
            student_cfg='b.py',
        ),
        dict(backbone=dict(type='ResNet', style=r'..\a')),
        dict(backbone=dict(type='ResNet', style=b'bytes')),
        dict(backbone=dict(type=7)),
    ],
)
def test_what_may_be_a_file_is_named_and_not_opened(changes):
    config = config_from_checkpoint(stored(model_config(**changes)), 'x.pth')
    with pytest.raises(ValueError, match='model'):
        network_parts(config)


def test_the_hand_model_of_a_training_has_to_be_given(repository):
    cfg = Config.fromfile(repository / 'configs/hamuco_hanco.py')
    config = config_from_checkpoint(dict(meta=dict(cfg=cfg.pretty_text)), 'x.pth')
    with pytest.raises(ValueError, match='model.head.hand_model.path is .*MANO'):
        network_parts(config)


def test_how_weights_start_and_images_are_read_is_left_out():
    model = model_config()
    model['backbone']['init_cfg'] = dict(
        type='Pretrained', checkpoint='http://example.com/x.pth'
    )
    model['pretrained'] = '../x.pth'
    pipeline = [
        dict(
            type='LoadImage',
            backend_args=dict(backend='memcached', sys_path='/somewhere'),
        )
    ]
    parts = network_parts(
        config_from_checkpoint(
            stored(
                model,
                pipeline,
                visualizer=dict(type='HandMeshVisualizer', save_dir='/somewhere'),
                custom_imports=dict(imports=['antigravity']),
            ),
            'x.pth',
        )
    )
    assert parts.model == model_config()
    assert parts.test_dataloader.dataset.pipeline == [dict(type='LoadImage')]
    assert parts.visualizer == dict(type='HandMeshVisualizer')
    assert 'custom_imports' not in parts


@pytest.mark.parametrize(
    'config',
    [
        'hamuco_demo.py',
        'hand_3d_keypoint/hamuco/demo/td-mano_res18w32_hand3d_demo-96x96.py',
    ],
)
def test_networks_of_this_package_are_taken_as_they_are(config, repository):
    cfg = Config.fromfile(repository / 'configs' / config)
    checkpoint = dict(meta=dict(cfg=cfg.pretty_text))
    parts = network_parts(config_from_checkpoint(checkpoint, 'x.pth'))
    assert parts.model.type == cfg.model.type
    assert parts.model.head.decoder == cfg.model.head.decoder
    dataset = cfg.test_dataloader.dataset
    while 'dataset' in dataset:
        dataset = dataset.dataset
    types = [step.type for step in dataset.pipeline]
    assert [step.type for step in parts.test_dataloader.dataset.pipeline] == types


@pytest.mark.parametrize('cfg', ['model = dict(a=1)', 'test_dataloader = 3'])
def test_what_has_no_network_is_refused(cfg):
    with pytest.raises(ValueError, match='no model'):
        network_parts(config_from_checkpoint(dict(meta=dict(cfg=cfg)), 'x.pth'))


LARGE = dict(type='ResNet', depth=18, stem_channels=8, out_indices=(0, 1, 2, 3))


@pytest.mark.parametrize(
    'backbone, words',
    [
        (dict(LARGE, base_channels=512), 'more memory than its weights'),
        (dict(LARGE, base_channels=10**6), 'backbone.base_channels is 1000000'),
        (dict(LARGE, depth=1e308), 'backbone.depth is 1e.308'),
    ],
)
def test_a_small_file_asks_for_no_large_network(backbone, words, tmp_path):
    file = tmp_path / 'hostile.pth'
    torch.save(stored(model_config(backbone=backbone)), file)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=rf'hostile.pth is not used .*{words}'):
        HaMuCoInferencer(weights=str(file), model=None, device='cpu')
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert grown < 300 * 1024  # KiB; the network would take 600 MiB


def test_numbers_of_a_pipeline_have_a_bound():
    pipeline = [*PIPELINE, dict(type='TopdownAffine', input_size=(1e6, 10))]
    config = config_from_checkpoint(stored(pipeline=pipeline), 'x.pth')
    with pytest.raises(ValueError, match='pipeline.2.input_size.0 is 1000000'):
        network_parts(config)


@pytest.mark.parametrize(
    'make',
    [
        lambda: torch.nn.Linear(9000, 9000),
        lambda: torch.eye(9000),
        lambda: torch.ones(10).expand(10**7, 10).clone(),
        lambda: [torch.zeros(2**16) for _ in range(2000)],
        lambda: torch.empty(10**6, 10**6, 10**6),
    ],
)
def test_tensors_are_bounded_by_the_weights(make):
    repeated = torch.zeros(1).expand(10**12)
    weights = dict(one=repeated, same=repeated, text='other')
    with pytest.raises(ValueError, match='more memory'), BoundedTensors(weights):
        make()


def test_tensors_that_fit_the_weights_are_as_without_a_bound():
    weights = dict(weight=torch.zeros(2000, 8000))
    with BoundedTensors(weights):
        torch.manual_seed(0)
        layer = torch.nn.Linear(9000, 9000)
    torch.manual_seed(0)
    assert torch.equal(torch.nn.Linear(9000, 9000).weight, layer.weight)
