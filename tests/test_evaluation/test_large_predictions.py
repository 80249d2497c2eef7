"""Every metric names predictions of which no error can be computed."""

from collections.abc import Callable

import numpy as np
import pytest
from hand_samples import make_sample, posed_hands
from mmpose.registry import METRICS
from mmpose.structures import PoseDataSample

import hamuco_mm  # noqa: F401, registers the metrics

HAND = ('keypoints_cam', 'vertices')
STAGES = [f'{field}{end}' for field in HAND for end in ('', '_interact', '_fused')]
WORLD = ['keypoints_world', 'keypoints_world_ransac']
PIXELS = ['keypoints', 'keypoints_interact', 'keypoints_fused']
# What each metric reads of a prediction.
READS = dict(
    AbsoluteHandMetric=[*WORLD, 'keypoints_interact'],
    DumpFreiHAND=['keypoints', *HAND],
    DumpHO3D=HAND,
    DumpViews=[*STAGES, *WORLD, *PIXELS],
    FreiHANDMetric=['keypoints', *HAND],
    HO3DMetric=HAND,
    HandMeshMetric=STAGES,
    KeypointSigmaMetric=PIXELS,
    ReprojectionMetric=PIXELS,
)
CASES = [(metric, field) for metric, fields in READS.items() for field in fields]


@pytest.fixture
def build(tmp_path) -> Callable:
    """Function: name of a metric -> the metric."""
    options = dict(
        DumpFreiHAND=dict(out_file=str(tmp_path / 'pred.json')),
        DumpHO3D=dict(out_file=str(tmp_path / 'pred.json')),
        DumpViews=dict(out_file_path=str(tmp_path / 'views.npz')),
    )
    return lambda name: METRICS.build(dict(type=name, **options.get(name, {})))


@pytest.fixture(scope='module')
def hands() -> list:
    return list(zip(*posed_hands(2)))


@pytest.fixture
def samples(hands) -> list[PoseDataSample]:
    """Two single views with all that a metric reads, in float32."""
    made = []
    for frame, (vertices, joints) in enumerate(hands):
        sample = make_sample(vertices, joints, frame, noise=(0.005, 0.004, 0.003))
        world = sample.gt_instances.keypoints_cam
        sample.pred_instances.set_field(world + 0.01, 'keypoints_world')
        sample.pred_instances.set_field(world - 0.01, 'keypoints_world_ransac')
        for end in ('', '_interact', '_fused'):
            sigmas = np.linspace(1, 3, 21)[None]
            sample.pred_instances.set_field(sigmas, f'keypoint_sigmas{end}')
        sample.set_metainfo(
            dict(
                img_id=frame,
                camera_param=dict(
                    K=np.array([[480.0, 0, 112], [0, 475, 108], [0, 0, 1]]),
                    R=np.eye(3),
                    t=np.zeros(3),
                ),
                raw_ann_info=dict(scale=0.03, wrist=world[0, 0]),
            )
        )
        for field, value in sample.pred_instances.items():
            sample.pred_instances.set_field(value.astype(np.float32), field)
        made.append(sample)
    return made


def test_all_metrics_are_here():
    own = {
        name
        for name, metric in METRICS.module_dict.items()
        if metric.__module__.startswith('hamuco_mm.')
    }
    assert own == set(READS)


@pytest.mark.parametrize('value', [1e30, -1e13, np.inf, np.nan])
@pytest.mark.parametrize('name, field', CASES)
def test_the_sample_and_the_field_are_named(name, field, value, build, samples):
    samples[1].pred_instances[field][0, 4, 1] = value
    with pytest.raises(
        ValueError, match=f'pred_instances.{field} of view .*0000/00000001'
    ):
        build(name).process(None, [sample.to_dict() for sample in samples])


@pytest.mark.parametrize('value', [1e30, np.inf, np.nan])
@pytest.mark.parametrize(
    'field', ['keypoints_cam', 'vertices', 'keypoints', 'keypoints_visible']
)
@pytest.mark.parametrize('name', READS)
def test_impossible_labels_count_for_nothing(
    name, field, value, build, samples, evaluate
):
    """Or are named, where every hand needs a truth."""
    label = samples[1].gt_instances[field]
    label[(0, 4, 1)[: label.ndim]] = value
    metric = build(name)
    if name in ('FreiHANDMetric', 'HO3DMetric') and field == 'keypoints_cam':
        with pytest.raises(ValueError, match=f'gt_instances.{field} .*0000/00000001'):
            evaluate(metric, [samples])
        return
    assert all(value < 1e4 for value in evaluate(metric, [samples]).values())


@pytest.mark.parametrize('name', READS)
def test_measures_of_what_is_let_through_are_finite(name, build, samples, evaluate):
    for values in samples[1].pred_instances.values():
        values[(0, 4, 1)[: values.ndim]] = 9e11
    measures = evaluate(build(name), [samples])
    assert np.isfinite(list(measures.values())).all()
