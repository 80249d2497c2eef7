"""Each mistake is named with any number of cameras and any labels, and a right rig is
right."""

import numpy as np
import pytest
import torch
from ring_rig import HEIGHT, WIDTH, RingRig, cameras, changed, labels, moving_hand
from scipy.spatial.transform import Rotation

from hamuco_mm.hand_model import (
    HAND_JOINT_NAMES,
    NUM_BETAS,
    NUM_ROTATIONS,
    MANOLayer,
)
from hamuco_mm.rigs.check import RigObservations, check_rig
from hamuco_mm.rigs.check.mistakes.joint_orders import JOINT_ORDERS, order_from

# noise in pixels, share of labels that lie anywhere
EXACT, NOISY, OUTLIERS = (0.0, 0.0), (3.0, 0.0), (3.0, 0.15)
MANY_VIEWS = (3, 4, 8)
# trying everything takes seconds with more views
THREE_OR_MORE = [
    3,
    *(pytest.param(number, marks=pytest.mark.slow) for number in (4, 8)),
]


@pytest.fixture(scope='module')
def hand():
    return moving_hand()


@pytest.fixture(scope='module')
def recordings(hand):
    """Views by number of cameras and kind of labels."""
    return {
        (number, quality): RingRig(hand, number, *quality).views()
        for number in (2, *MANY_VIEWS)
        for quality in (EXACT, NOISY, OUTLIERS)
    }


def report_of(views, **kwargs):
    return check_rig(RigObservations.from_views(views), **kwargs)


def kinds(report):
    return [finding.kind for finding in report.findings]


def straight_hand():
    """Joints of a right hand without a bent finger, (4, 21, 3) metres."""
    upright = torch.eye(3).expand(4, NUM_ROTATIONS, 3, 3)
    return MANOLayer()(upright, torch.zeros(4, NUM_BETAS)).joints.numpy()


def stack(x, y):
    return np.stack([x, y], -1)


def inverse(R, t, **_):
    return dict(R=R.T, t=-R.T @ t)


def turned_calibration(K, R, t, **_):
    """Of images that are turned clockwise into those of the labels."""
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]])
    turned = [[K[1, 1], 0, HEIGHT - 1 - K[1, 2]], [0, K[0, 0], K[0, 2]], [0, 0, 1]]
    return dict(K=np.array(turned), R=turn @ R, t=turn @ t)


# name -> what the report should say and what was done
OF_ALL_VIEWS = dict(
    inverse=('extrinsics', cameras(inverse)),
    transposed=('extrinsics', cameras(lambda R, **_: dict(R=R.T))),
    millimetres=('scale', cameras(lambda t, **_: dict(t=1000 * t))),
    upside_down=(
        'upside_down',
        labels(lambda k: stack(k[..., 0], HEIGHT - 1 - k[..., 1])),
    ),
    mirrored=('mirrored', labels(lambda k: stack(WIDTH - 1 - k[..., 0], k[..., 1]))),
    turned=('turned', labels(lambda k: [WIDTH - 1, HEIGHT - 1] - k)),
    portrait=('turned', cameras(turned_calibration)),
    tip_first=('joint_order', labels(lambda k: k[:, reordered(0)])),
    resized=('resized', labels(lambda k: k / 1.5)),
    cropped=('cropped', labels(lambda k: k - [80, 40])),
)
OF_ONE_VIEW = ('upside_down', 'mirrored', 'turned', 'portrait', 'tip_first', 'resized')


def reordered(number):
    """Indices that bring our joints into a known order."""
    return np.argsort(order_from(list(JOINT_ORDERS)[number]))


@pytest.mark.parametrize('quality', [EXACT, NOISY, OUTLIERS], ids=str)
@pytest.mark.parametrize('number', (2, *MANY_VIEWS))
def test_a_right_rig_is_right(recordings, number, quality):
    views = recordings[number, quality]
    report = report_of(views)
    assert report.ok, report.findings
    assert not report.unchecked
    # 3D points of labels that lie anywhere may not show the side
    unseen = [] if quality != OUTLIERS else [dict(stated='right', seen=None)]
    assert [note.details for note in report.notes] in ([], unseen)
    # another convention for the centres of pixels
    shifted = report_of(changed(views, labels(lambda k: k + 0.5)))
    assert shifted.ok, shifted.findings


@pytest.mark.parametrize('quality', [EXACT, NOISY], ids=str)
@pytest.mark.parametrize('steps', [1, 2, 5])
def test_few_time_steps_of_a_right_rig(hand, steps, quality):
    report = report_of(RingRig(hand[:steps], 4, *quality).views())
    assert report.ok, report.findings


def test_a_hand_that_moves_in_a_plane_or_not_at_all(hand):
    flat = hand * [1, 0, 1]
    still = np.repeat(hand[:1], 8, 0)
    for joints in (flat + hand[:1] * [0, 1, 0], still):
        for number in (2, 4):
            report = report_of(RingRig(joints, number, 1.0).views())
            assert report.ok, report.findings


@pytest.mark.parametrize('quality', [EXACT, NOISY, OUTLIERS], ids=str)
@pytest.mark.parametrize('number', THREE_OR_MORE[:2])
@pytest.mark.parametrize('name', OF_ALL_VIEWS)
def test_a_mistake_in_all_views(recordings, number, quality, name):
    said, change = OF_ALL_VIEWS[name]
    report = report_of(changed(recordings[number, quality], change))
    named = [*kinds(report), *(other.kind for other in report.alternatives)]
    if quality is OUTLIERS and name in ('resized', 'cropped'):
        # these two look alike then
        assert {'resized', 'cropped'} & set(named), report.findings
    else:
        assert kinds(report) == [said], report.findings


@pytest.mark.slow
@pytest.mark.parametrize('name', OF_ALL_VIEWS)
def test_a_mistake_in_eight_views(recordings, name):
    said, change = OF_ALL_VIEWS[name]
    report = report_of(changed(recordings[8, NOISY], change))
    assert kinds(report) == [said], report.findings


@pytest.mark.parametrize('name', OF_ALL_VIEWS)
def test_a_mistake_in_both_views(recordings, name):
    """Two views may have several explanations: the right one is among them."""
    said, change = OF_ALL_VIEWS[name]
    report = report_of(changed(recordings[2, EXACT], change))
    named = {*kinds(report), *(other.kind for other in report.alternatives)}
    assert said in named, report.findings


@pytest.mark.parametrize('quality', [EXACT, NOISY], ids=str)
@pytest.mark.parametrize('number', THREE_OR_MORE)
@pytest.mark.parametrize('name', OF_ONE_VIEW)
def test_a_mistake_in_one_view(recordings, number, quality, name):
    said, change = OF_ALL_VIEWS[name]
    report = report_of(changed(recordings[number, quality], change, [1]))
    assert kinds(report) == [said], report.findings
    assert report.findings[0].details['cameras'] == ['cam1']
    assert 'cam1' in report.findings[0].message


@pytest.mark.parametrize('name', JOINT_ORDERS)
def test_joint_orders_are_told_by_the_hand(recordings, name):
    """No reprojection depends on an order that all views share."""
    for quality in (EXACT, NOISY):
        theirs = changed(
            recordings[4, quality], labels(lambda k: k[:, np.argsort(order_from(name))])
        )
        report = report_of(theirs)
        assert kinds(report) == ['joint_order'], report.findings
        indices = report.findings[0].details['indices']
        ours = changed(theirs, labels(lambda k: k[:, indices]))  # noqa: B023
        assert report_of(ours).ok


def test_joints_in_no_known_order_are_no_hand(recordings):
    order = np.random.default_rng(3).permutation(21)
    report = report_of(changed(recordings[4, EXACT], labels(lambda k: k[:, order])))
    assert kinds(report) == ['hand']


@pytest.mark.parametrize('number', MANY_VIEWS)
def test_joints_that_nobody_saw(recordings, number):
    """Written as (0, 0) with confidence 1, as many programs do."""

    def change(view):
        view['keypoints'][0, [4, 8]] = 0

    for of, where in ((None, 'all views'), ([1], 'cam1')):
        report = report_of(changed(recordings[number, NOISY], change, of))
        assert kinds(report) == ['joints']
        assert 'thumb_tip, index_tip in ' + where in report.findings[0].message
        assert 'confidence 0' in report.findings[0].remedy


@pytest.mark.parametrize('of', [None, [2]])
def test_joints_that_never_fit(recordings, of):
    rng = np.random.default_rng(5)

    def change(view):
        view['keypoints'][0, [7, 20]] = rng.uniform(100, 400, (2, 2))

    report = report_of(changed(recordings[4, NOISY], change, of))
    assert kinds(report) == ['joints']
    details = report.findings[0].details
    assert details['joints'] == [HAND_JOINT_NAMES[j] for j in (7, 20)]
    assert details['cameras'] == (['cam2'] if of else [f'cam{v}' for v in range(4)])


@pytest.mark.slow
def test_a_camera_that_was_moved_is_no_mistake_of_the_labels(recordings):
    turn = Rotation.from_euler('xyz', (0.2, -0.3, 0.5)).as_matrix()

    def moved(R, t, **_):
        return dict(R=turn @ R, t=turn @ t + [0.1, 0.05, 0.1])

    for number in (4, 8):
        report = report_of(changed(recordings[number, NOISY], cameras(moved), [2]))
        assert kinds(report) == ['camera'], report.findings
        assert report.findings[0].details == dict(camera='cam2')


def test_nothing_is_named_that_leaves_many_pixels(hand, recordings):
    """Exact labels of cameras that were bent in a way that nobody knows."""
    rng = np.random.default_rng(2)
    turns = Rotation.from_rotvec(0.4 * rng.normal(size=(4, 3))).as_matrix()

    def change(view):
        param, turn = view['camera_param'], turns[view['camera_id']]
        param.update(R=turn @ param['R'], t=turn @ param['t'] + [0.05, -0.1, 0.1])

    report = report_of(changed(recordings[4, EXACT], change))
    assert kinds(report) == ['unknown']
    finding = report.findings[0]
    assert 'none of the known mistakes' in finding.message
    assert len(finding.details['tried']) == 3
    for tried in finding.details['tried']:
        assert tried['median_px'] > 1
        assert tried['message'] in finding.message


@pytest.fixture(scope='module')
def wandering(hand):
    """A hand that comes near the edges of the images, where lenses bend most."""
    angle = np.linspace(0, 2 * np.pi, len(hand))
    path = np.stack([np.cos(angle), 0.5 * np.sin(2 * angle), np.sin(angle)], -1)
    return hand + 0.2 * path[:, None]


def test_a_lens_that_the_calibration_does_not_have(wandering):
    views = RingRig(wandering, 4, dist=(-1.0, 0, 0, 0, 0)).views()
    assert report_of(views).ok
    report = report_of(changed(views, cameras(lambda **_: dict(dist=np.zeros(0)))))
    assert kinds(report) == ['distortion'], report.findings
    # a shorter focal length makes up for more of it
    assert report.findings[0].details['k1'] == pytest.approx(-1, abs=0.3)


def test_labels_without_the_lens_that_the_calibration_has(wandering):
    views = RingRig(wandering, 4).views()
    lens = cameras(lambda **_: dict(dist=np.array([-1.0, 0, 0, 0, 0])))
    report = report_of(changed(views, lens))
    assert kinds(report) == ['undistorted'], report.findings


def test_a_lens_of_another_model(wandering):
    views = RingRig(wandering, 4, dist=(-1.0, 0.3, 0.0, 0.0)).views()
    report = report_of(
        changed(views, cameras(lambda **_: dict(distortion_model='fisheye')))
    )
    assert 'lens_model' in kinds(report), report.findings
    assert 'opencv' in report.findings[0].remedy


@pytest.mark.slow
def test_crops_of_another_corner_in_each_view(recordings):
    corners = np.array([[50, 30], [120, 60], [20, 90], [70, 5]])

    def change(view):
        view['keypoints'] = view['keypoints'] - corners[view['camera_id']]

    report = report_of(changed(recordings[4, EXACT], change))
    assert 'cropped' in {f.kind for f in report.findings + report.alternatives}
    for name, shift in report.findings[0].details['shift_px'].items():
        assert np.abs(shift - corners[int(name[-1])]).max() < 15


def says_left(view):
    view['hand_side'] = 'left'


def test_the_side_of_the_hand_is_seen_in_three_dimensions(recordings):
    """A left hand, and nobody said so: a note, as the rest is right."""
    # a single time step is enough
    for views in (recordings[4, NOISY], recordings[4, EXACT][:4]):
        report = report_of(changed(views, says_left))
        assert report.ok and [note.kind for note in report.notes] == ['hand_side']
        assert report.notes[0].details == dict(stated='left', seen='right')

    def says_nothing(view):
        del view['hand_side']

    assert not report_of(changed(recordings[4, NOISY], says_nothing)).notes


def test_a_few_hands_of_the_other_side_are_noted(recordings):
    def early_says_left(view):
        if view['frame_id'] < 'take/0004':
            view['hand_side'] = 'left'

    report = report_of(changed(recordings[4, NOISY], early_says_left))
    assert report.ok
    assert [n.details for n in report.notes] == [dict(stated='left', seen='right')]


def test_a_side_that_cannot_be_seen_is_a_note():
    """Of straight fingers, and of joints that jump."""
    rig = RingRig(straight_hand(), 4)
    report = report_of(changed(rig.views(), says_left))
    assert report.ok
    assert 'side of the hand is not checked: too few bent' in report.notes[0].message
    rig = RingRig(moving_hand(), 4, noise=25)
    notes = report_of(rig.views()).notes
    assert 'not checked: the joints are too unsteady' in notes[0].message


def test_inches(recordings):
    inches = cameras(lambda t, **_: dict(t=t / 0.0254))
    report = report_of(changed(recordings[4, EXACT], inches))
    assert kinds(report) == ['scale']
    assert '--unit 0.0254' in report.findings[0].remedy


def test_images_of_unknown_size(recordings):
    """The principal point is about the middle."""

    def change(view):
        del view['image_size']
        middle = view['camera_param']['K'][1, 2]
        view['keypoints'] = view['keypoints'] * [1, -1] + [0, 2 * middle]

    report = report_of(changed(recordings[4, NOISY], change))
    assert kinds(report) == ['upside_down']


def test_offsets_are_relative_to_those_given(recordings):
    tracks = {
        (view['frame_id'], view['camera_id']): view['keypoints']
        for view in recordings[4, NOISY]
    }

    def late(view):
        step = int(view['frame_id'][-4:])
        before = tracks.get((f'take/{step - 4:04d}', view['camera_id']))
        if before is None:
            view['keypoints_visible'] = np.zeros((1, 21))
        else:
            view['keypoints'] = before

    views = changed(recordings[4, NOISY], late, [3])
    report = report_of(views, read_as=dict(step=2, offsets=dict(cam0=-3, cam3=-20)))
    assert kinds(report) == ['synchronisation']
    assert report.findings[0].remedy == 'rig2coco.py --offset cam0=-3 cam3=-12'
    assert (
        'cam3 is 8 frames late at its present offset -20' in report.findings[0].message
    )
    assert report.findings[0].details['offsets'] == dict(cam0=-3, cam3=-12)


def test_cameras_that_cannot_be_checked_are_named(recordings):
    def change(view):
        if view['camera_id'] == 1:
            view['camera_param'] = dict(K=view['camera_param']['K'])
        if view['camera_id'] == 2:
            view['keypoints_visible'] = np.zeros((1, 21))

    views = changed(recordings[8, NOISY], change)
    # a camera of other time steps, and one that was never seen with a pose
    lonely = dict(views[3], frame_id='take/9999')
    views = [v for v in views if v['camera_id'] not in (3, 4)] + [lonely]
    views.append({k: v for k, v in views[0].items() if k != 'camera_param'})
    views[-1].update(camera_id=9, camera='cam9')
    report = report_of(views)
    assert report.ok
    assert list(report.unchecked) == ['cam1', 'cam9', 'cam2', 'cam3']
    assert 'pose' in report.unchecked['cam1'] and 'pose' in report.unchecked['cam9']
    assert 'no 2D labels' in report.unchecked['cam2']
    assert 'time step' in report.unchecked['cam3']
    assert report.by_camera['cam2'] == dict(labels=0)


@pytest.mark.parametrize('dist', [(0, 0, 0, 0, 0), (-0.3, 0.1, 0, 0, 0)])
def test_views_without_a_labelled_joint(hand, dist):
    """Also of lenses, and time steps with one view."""
    views = RingRig(hand, 4, 1.0, dist=dist).views()
    for i, view in enumerate(views):
        if i % 3 == 0:
            view['keypoints_visible'] = np.zeros((1, 21))
            view['keypoints'] = np.full((1, 21, 2), np.nan)
    views = [
        v for v in views if v['camera_id'] == 0 or v['frame_id'] not in ('take/0003',)
    ]
    assert report_of(views).ok
