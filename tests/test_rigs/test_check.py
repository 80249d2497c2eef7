"""Each mistake that people make with rigs, made on purpose, is named."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hamuco_mm.cameras import Camera, Cameras, Convention, unstack_cameras
from hamuco_mm.rigs.check import RigObservations, check_rig, reprojection_errors
from hamuco_mm.rigs.check.epipolar import fundamental, pair_cost
from hamuco_mm.rigs.check.scale import hand_length, scale_finding
from hamuco_mm.synthesis import SceneConfig, SceneGenerator
from hamuco_mm.synthesis.rig import RigConfig

NUM_STEPS = 20
# Of a detector on images of 256 px, where the hand is about 160 px long.
NOISE = 3.0


@pytest.fixture(scope='module')
def scenes():
    """Hands in motion, seen by 2, 3 and 8 cameras."""
    found = {}
    for num_views in (2, 3, 8):
        generator = SceneGenerator(
            1,
            config=SceneConfig(
                image_size=256, labels=None, rig=RigConfig(num_views=num_views)
            ),
        )
        found[num_views] = generator.scene(0, NUM_STEPS)
    return found


def views_of(scene, noise=NOISE, seed=0, wrong=0.0):
    """Data infos with noisy labels, of which a share is nonsense."""
    rng = np.random.default_rng(seed)
    pixels = scene.rig.project(scene.motion.joints)
    pixels = pixels + noise * rng.normal(size=pixels.shape)
    nonsense = rng.random(pixels.shape[:-1]) < wrong
    pixels[nonsense] = rng.uniform(0, 256, (nonsense.sum(), 2))
    confidence = rng.uniform(0.4, 1, pixels.shape[:-1])
    return [
        dict(
            frame_id=f'take/{t:04d}',
            sequence='take',
            camera_id=v,
            camera=f'cam{v}',
            keypoints=pixels[t, v][None],
            keypoints_visible=confidence[t, v][None],
            camera_param=dict(
                K=scene.rig.K[v], R=scene.rig.R_world2cam[v], t=scene.rig.t_world2cam[v]
            ),
        )
        for t in range(scene.num_frames)
        for v in range(scene.num_views)
    ]


@pytest.fixture(scope='module')
def rigs(scenes):
    return {
        num_views: RigObservations.from_views(views_of(scene))
        for num_views, scene in scenes.items()
    }


def kinds(report):
    return [finding.kind for finding in report.findings]


@pytest.mark.parametrize('num_views', [2, 3, 8])
def test_a_right_rig_is_right(rigs, num_views):
    report = check_rig(rigs[num_views])
    assert report.ok, report.findings
    for name, row in report.by_camera.items():
        # noise of 3 px in x and y: a distance of 3.75 px on average; the
        # point follows the labels, the less the more views there are
        assert 1 < row['mean_px'] < 4.2, name
        assert row['inliers'] > 0.95
    assert list(report.by_joint)[0] == 'wrist'
    # noise lengthens bones, most where two views look along them
    assert 0.15 < report.hand_size < 0.24


def test_a_right_rig_with_wrong_labels_is_right(scenes):
    for num_views in (3, 8):
        rig = RigObservations.from_views(views_of(scenes[num_views], wrong=0.1))
        assert check_rig(rig).ok


def with_cameras(rig, **arrays):
    """The rig with other numbers of its cameras."""
    given = rig.cameras.as_arrays()
    return replace(rig, cameras=Cameras.from_arrays({**given, **arrays}))


def misread(rig, extrinsics='world2cam', axes='opencv'):
    """As if somebody had taken what is right in another meaning."""
    given = rig.cameras.as_arrays()
    R, t = Convention(extrinsics, axes).from_world2cam(given['R'], given['t'])
    return with_cameras(rig, R=R, t=t)


@pytest.mark.parametrize('num_views', [2, 3])
@pytest.mark.parametrize(
    'extrinsics, axes, said',
    [
        ('cam2world', 'opencv', 'inverse'),
        ('transposed', 'opencv', 'transposed'),
        ('centre', 'opencv', 'place of the camera'),
        ('world2cam', 'opengl', 'axes'),
        ('cam2world', 'opengl', 'inverse.*axes'),
    ],
)
def test_extrinsics_of_another_meaning(rigs, num_views, extrinsics, axes, said):
    report = check_rig(misread(rigs[num_views], extrinsics, axes))
    assert kinds(report) == ['extrinsics'], report.findings
    finding = report.findings[0]
    assert finding.details == dict(extrinsics=extrinsics, axes=axes)
    assert f'--extrinsics {extrinsics}' in finding.remedy
    assert ('--axes' in finding.remedy) == (axes != 'opencv')
    assert re.search(said, finding.message)
    # mending it leaves what a right rig has
    assert finding.misfit == pytest.approx(check_rig(rigs[num_views]).misfit, rel=0.01)


def test_inverse_extrinsics_of_many_cameras(rigs):
    report = check_rig(misread(rigs[8], 'cam2world'))
    assert report.findings[0].details['extrinsics'] == 'cam2world'


def test_the_option_is_that_of_the_file(rigs):
    """A file of world2cam that was read as cam2world."""
    given = rigs[3].cameras.as_arrays()
    R, t = Convention('cam2world').to_world2cam(given['R'], given['t'])
    report = check_rig(with_cameras(rigs[3], R=R, t=t), dict(extrinsics='cam2world'))
    assert report.findings[0].remedy == 'rig2coco.py --extrinsics world2cam'


@pytest.mark.parametrize('factor, unit', [(1000, 'mm'), (100, 'cm'), (4.2, '0.238')])
def test_units(rigs, factor, unit):
    """The hand is the measure: no reprojection depends on the unit."""
    report = check_rig(
        with_cameras(rigs[3], t=factor * rigs[3].cameras.as_arrays()['t'])
    )
    assert kinds(report) == ['scale']
    found = report.findings[0].details['unit']
    if unit in ('mm', 'cm'):
        assert found == unit
        assert f'--unit {unit}' in report.findings[0].remedy
    else:
        assert float(found) == pytest.approx(float(unit), rel=0.1)


def test_metres_that_were_read_as_millimetres(rigs):
    report = check_rig(
        with_cameras(rigs[3], t=rigs[3].cameras.as_arrays()['t'] / 1000),
        dict(metres_per_unit=1e-3),
    )
    assert report.findings[0].details['unit'] == 'm'


def test_wrong_unit_and_inverse_extrinsics_at_once(rigs):
    rig = misread(rigs[3], 'cam2world')
    report = check_rig(with_cameras(rig, t=1000 * rig.cameras.as_arrays()['t']))
    assert kinds(report) == ['extrinsics', 'scale']
    assert '--unit mm' in report.findings[1].remedy


@pytest.mark.parametrize(
    'num_views, order',
    [
        (2, (1, 0)),
        (3, (2, 1, 0)),
        (3, (1, 2, 0)),
        (8, (0, 1, 6, 3, 4, 5, 2, 7)),
    ],
)
def test_calibrations_in_another_order(rigs, num_views, order):
    # view v got the calibration of camera order[v]
    report = check_rig(rigs[num_views].reordered(order))
    assert 'camera_order' in kinds(report), report.findings
    # so camera c's is with the view that got it
    expected = {
        f'cam{order[view]}': f'cam{view}'
        for view in range(num_views)
        if order[view] != view
    }
    assert report.findings[0].details['calibration_of'] == expected
    for view, other in expected.items():
        assert f'{view}={other}' in report.findings[0].remedy


@pytest.mark.parametrize(
    'num_views, view, late', [(2, 1, 3), (3, 0, 4), (3, 2, -3), (8, 5, 3)]
)
def test_a_view_that_is_not_synchronised(rigs, num_views, view, late):
    """The late view shows at step t what the others showed at t - late."""
    shifts = [-late if v == view else 0 for v in range(num_views)]
    report = check_rig(
        rigs[num_views].shifted(shifts), dict(step=2, offsets={f'cam{view}': 10})
    )
    assert kinds(report) == ['synchronisation'], report.findings
    finding = report.findings[0]
    assert finding.details['frames_late'] == {f'cam{view}': 2 * late}
    assert f'--offset cam{view}={10 + 2 * late}' in finding.remedy


def test_a_late_view_of_a_faster_camera(rigs):
    """An offset counts the camera's own frames."""
    late = rigs[8].shifted([0, -3, 0, 0, 2, 0, 0, 0])
    report = check_rig(late, dict(step=2, every=dict(cam0=1, cam1=3, cam4=1)))
    finding = report.findings[0]
    assert finding.details['frames_late'] == dict(cam1=18, cam4=-4)
    assert '--offset cam1=18 cam4=-4' in finding.remedy


def test_two_late_views_of_eight(rigs):
    shifts = [0, -3, 0, 0, 2, 0, 0, 0]
    report = check_rig(rigs[8].shifted(shifts))
    assert report.findings[0].details['frames_late'] == dict(cam1=3, cam4=-2)


@pytest.mark.slow
def test_a_camera_that_was_moved(rigs):
    for num_views in (3, 8):
        rig = rigs[num_views]
        turn = Rotation.from_euler('xyz', (0.3, -0.2, 0.4)).as_matrix()
        given = rig.cameras.as_arrays()
        R, t = given['R'], given['t']
        R[:, 1] = R[:, 1] @ turn
        t[:, 1] += [0.1, 0.05, 0.1]
        report = check_rig(with_cameras(rig, R=R, t=t))
        assert kinds(report) == ['camera'], report.findings
        assert report.findings[0].details == dict(camera='cam1')


def test_two_mistakes_at_once(rigs):
    report = check_rig(misread(rigs[3], 'cam2world').reordered((1, 0, 2)))
    assert kinds(report) == ['extrinsics+camera_order'], report.findings
    assert 'cam0=cam1 cam1=cam0' in report.findings[0].remedy


def test_nonsense_is_called_unknown(rigs):
    rng = np.random.default_rng(0)
    R = Rotation.random(3, random_state=0).as_matrix()[None].repeat(NUM_STEPS, 0)
    rig = replace(
        with_cameras(rigs[3], R=R),
        points=rng.uniform(0, 256, rigs[3].points.shape),
    )
    assert kinds(check_rig(rig)) == ['unknown']


def test_two_explanations_that_cannot_be_told_apart(rigs):
    """With the world in camera 0, equal lenses and two views, inverse
    extrinsics are exchanged cameras."""
    rig = rigs[2]
    given = rig.cameras.as_arrays()
    R = given['R'][:, 1] @ np.swapaxes(given['R'][:, 0], -1, -2)
    t = given['t'][:, 1] - (R @ given['t'][:, 0, :, None])[..., 0]
    K = np.stack([given['K'][:, 0]] * 2, 1)
    points = np.stack(
        [
            rig.points[:, 0],
            (rig.points[:, 1] - given['K'][:, 1, None, :2, 2])
            / given['K'][:, 1, None, :1, 0]
            * K[:, 1, None, :1, 0]
            + K[:, 1, None, :2, 2],
        ],
        1,
    )
    rig = with_cameras(
        replace(rig, points=points),
        K=K,
        R=np.stack([np.broadcast_to(np.eye(3), R.shape), R], 1),
        t=np.stack([np.zeros_like(t), t], 1),
    )
    report = check_rig(misread(rig, 'cam2world'))
    named = {report.findings[0].kind, *(a.kind for a in report.alternatives)}
    assert named >= {'extrinsics', 'camera_order'}


def test_lens_distortion_is_undone(scenes):
    """Labels on the images of a lens with distortion fit its camera, and not
    a pinhole's."""
    scene = scenes[3]
    views = views_of(scene, noise=0)
    for view in views:
        camera = view['camera_param']
        dist = np.array([-0.3, 0.1, 0.002, -0.001, 0])
        t = int(view['frame_id'][-4:])
        points = scene.motion.joints[t] @ camera['R'].T + camera['t']
        camera['K'] = camera['K'] @ np.diag([0.3, 0.3, 1])  # a wide lens
        view['keypoints'] = Camera(camera['K'], dist=dist).project(points)[None]
        camera['dist'] = dist
    known = reprojection_errors(RigObservations.from_views(views))
    assert np.nanmax(known.pixels) < 0.01
    for view in views:
        del view['camera_param']['dist']
    unknown = reprojection_errors(RigObservations.from_views(views))
    assert np.nanmean(unknown.pixels) > 10 * np.nanmean(known.pixels)


def test_fundamental_matrix_is_opencvs(rigs):
    """Against the lines that OpenCV draws, and zero for exact points."""
    rig = rigs[3].take([0])
    point = np.array([0.01, 0.02, 0.03])
    seen = []
    for camera in unstack_cameras(rig.cameras[0]):
        uv, _ = cv2.projectPoints(
            point[None], cv2.Rodrigues(camera.R)[0], camera.t, camera.K, None
        )
        seen.append(uv[0, 0])
    F = fundamental(rig.cameras, 0, 2)
    line = cv2.computeCorrespondEpilines(seen[0][None, None], 1, F[0])[0, 0]
    assert abs(line @ [*seen[2], 1]) < 1e-3
    one = np.ones((1, 1))
    cost = [
        pair_cost(
            seen[0][None, None], one, 100, seen[2][None, None] + shift, one, 100, F
        )
        for shift in (0, 20)
    ]
    assert cost[0] < 1e-6 < 0.01 < cost[1]


def test_hand_length():
    points = np.zeros((3, 21, 3))
    for joint, height in zip((0, 9, 10, 11, 12), (0, 0.09, 0.13, 0.16, 0.18)):
        points[:, joint, 2] = height
    assert hand_length(points) == pytest.approx(0.18)
    points[1:, 9] = np.nan
    assert hand_length(points) == pytest.approx(0.18)
    points[0, 9] = np.nan
    assert hand_length(points) is None


def test_no_cameras_or_labels_names_the_remedy(scenes):
    views = views_of(scenes[3])
    for view in views:
        del view['camera_param']
    with pytest.raises(ValueError, match='--calibration.*use_extrinsics'):
        RigObservations.from_views(views)
    views = [v for v in views_of(scenes[3]) if v['camera_id'] == 0]
    with pytest.raises(ValueError, match='two views'):
        RigObservations.from_views(views)


@pytest.mark.parametrize('factor', [2, -1])
def test_a_matrix_that_is_no_rotation_is_named(scenes, factor):
    """Of a data set of one's own, whose world was scaled or mirrored: projections of
    all cameras would fit each other."""
    views = views_of(scenes[3])
    for view in views:
        view['camera_param']['R'] = factor * view['camera_param']['R']
    with pytest.raises(ValueError, match="'R'.* of cam0 in take/0000 is no rotation"):
        RigObservations.from_views(views)


def test_a_camera_without_numbers_is_not_checked(scenes):
    views = views_of(scenes[3])
    for view in views[1::3]:
        view['camera_param']['K'] = np.zeros((3, 3))
    report = check_rig(RigObservations.from_views(views))
    assert report.ok and list(report.unchecked) == ['cam1']


def test_joints_at_one_place_are_no_hand():
    length, finding = scale_finding(np.ones((4, 21, 3)), {})
    assert length == 0 and 'at one place' in finding['message']


def test_missing_views_and_joints(scenes):
    views = views_of(scenes[3])
    for i, view in enumerate(views):
        view['keypoints_visible'][0, i % 21] = 0
        view['keypoints'][0, i % 21] = np.nan
    report = check_rig(
        RigObservations.from_views([v for i, v in enumerate(views) if i % 5])
    )
    assert report.ok
    assert report.by_camera['cam0']['labels'] < 21 * NUM_STEPS
