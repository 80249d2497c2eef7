"""Whatever is known of views comes back from their files."""

import json

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hamuco_mm.structures import PredictedViews, Stage
from hamuco_mm.structures.inferencer_files import NAMES_IN_FILES

FILES = settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SHAPES = dict(keypoints=(21, 2), keypoints_cam=(21, 3), vertices=(778, 3))


@st.composite
def samples(draw):
    """Time steps of one to three views, each of which lacks something."""
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    stages = {Stage.SINGLE, *draw(st.sets(st.sampled_from(list(Stage))))}
    found = []
    for step, size in enumerate(
        draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    ):
        for view in range(size):
            sample = dict(
                frame_id=f'0001/{step:08d}',
                view_index=view,
                num_views=size,
                pred_instances={
                    stage.field(name): rng.normal(size=(1, *shape))
                    for stage in stages
                    for name, shape in SHAPES.items()
                },
            )
            known = draw(
                st.sets(st.sampled_from(['camera', 'truth', 'image', 'ids', 'words']))
            )
            if 'words' in known:
                sample['pred_instances'].update(
                    bbox_origins=np.array(['search']), hand_sides=np.array(['left'])
                )
            if 'camera' in known:
                sample['camera_param'] = dict(
                    K=np.diag([500.0, 500, 1]),
                    R=np.eye(3),
                    t=rng.normal(size=3),
                    dist=rng.normal(size=4),
                    distortion_model=draw(st.sampled_from(['opencv', 'fisheye'])),
                )
            if 'truth' in known:
                sample['gt_instances'] = dict(
                    keypoints=rng.normal(size=(1, 21, 2)),
                    keypoints_visible=rng.uniform(size=(1, 21)),
                    keypoints_cam=rng.normal(size=(1, 21, 3)),
                )
            if 'image' in known:
                sample.update(ori_shape=(224, 320), input_scale=np.array([90.0, 90]))
            if 'ids' in known:
                sample.update(img_id=len(found), camera_id=view, img_path='a.jpg')
            found.append(sample)
    return found


def arrays(views: PredictedViews) -> dict[str, np.ndarray]:
    """All that is known, by names that say where it is."""
    content = dict(vars(views), cameras=views.cameras.as_arrays())
    flat = {}
    for name, value in content.items():
        if isinstance(value, dict):
            flat.update({f'{name}/{field}': x for field, x in value.items()})
        else:
            flat[name] = value
    return flat


def assert_same(found: dict, expected: dict) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


@FILES
@given(samples())
def test_file_of_all_views(tmp_path, samples):
    views = PredictedViews.from_samples(samples)
    views.save(tmp_path / 'views.npz')
    assert_same(arrays(PredictedViews.load(tmp_path / 'views.npz')), arrays(views))


@FILES
@given(samples())
def test_file_of_joints(tmp_path, samples):
    """It has neither meshes nor words nor paths."""
    views = PredictedViews.from_samples(samples)
    views.save_joints(tmp_path / 'joints.npz')
    expected = {
        name: value
        for name, value in arrays(views).items()
        if not any(word in name for word in ('vertices', 'sides', 'origins'))
    }
    expected['img_path'] = np.full(len(views), '')
    assert_same(arrays(PredictedViews.load(tmp_path / 'joints.npz')), expected)


@FILES
@given(samples())
def test_file_of_the_inferencer(tmp_path, samples):
    """The hands of a video of groups of views."""
    steps = [
        [samples[row] for row in rows]
        for rows in PredictedViews.from_samples(samples).time_steps()
    ]
    content = [
        dict(
            frame_id=number,
            views={
                f'view {index}': dict(
                    instances=[
                        {
                            NAMES_IN_FILES.get(name, name): value[0].tolist()
                            for name, value in sample['pred_instances'].items()
                        }
                    ]
                )
                for index, sample in enumerate(step)
            },
        )
        for number, step in enumerate(steps)
    ]
    (tmp_path / 'video.json').write_text(json.dumps(content))
    views = PredictedViews.load(tmp_path / 'video.json')
    expected = PredictedViews.from_samples(samples)
    assert views.item.tolist() == expected.item.tolist()
    assert_same(views.predictions, expected.predictions)
