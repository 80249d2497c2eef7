"""Small data sets in the layouts of published ones, with exact geometry.

The orders of the joints are written out here, from the data sets' own
documentation, and not taken from the code under test.
"""

import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
import yaml
from json_writing import write_json
from scipy.spatial.transform import Rotation
from smplx.lbs import lbs

from hamuco_mm.hand_model import MANOLayer, load_hand_model, mirror

# Ours -> InterHand2.6M's and AssemblyHands': each finger from its tip, wrist.
TIP_FIRST = (4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9, 16, 15, 14, 13, 20, 19, 18, 17, 0)
# Ours -> HO-3D's: MANO's 16 (index, middle, pinky, ring, thumb), the tips.
MANO_FIRST = (0, 5, 6, 7, 9, 10, 11, 17, 18, 19, 13, 14, 15, 1, 2, 3, 4, 8, 12, 16, 20)
OPENGL = np.array([1.0, -1.0, -1.0])


@dataclass
class Hand:
    """A hand in the world, metres, with its MANO parameters.

    Attributes:
        pose: Axis-angles, the fingers' relative to the mean pose, (16, 3).
        knuckle: Joint 9 of the kinematic chain, by smplx.
    """

    side: str
    pose: np.ndarray
    betas: np.ndarray
    translation: np.ndarray
    vertices: np.ndarray
    joints: np.ndarray
    knuckle: np.ndarray


def side_model(side: str):
    """The arrays of the open hand of one side."""
    data = load_hand_model()
    return mirror(data) if side == 'left' else data


def make_hand(rng, side='right', translation=(0, 0, 0)) -> Hand:
    """A hand in a random pose."""
    layer, data = MANOLayer(side=side).double(), side_model(side)
    pose = 0.3 * rng.normal(size=(16, 3))
    pose[0] = Rotation.random(random_state=rng.integers(10**6)).as_rotvec()
    betas = 0.3 * rng.normal(size=10)
    full = pose.copy()
    full[1:] += data.hands_mean.reshape(15, 3)
    rotations = torch.as_tensor(Rotation.from_rotvec(full).as_matrix())
    mesh = layer(rotations, torch.as_tensor(betas))
    _, chain = lbs(
        torch.as_tensor(betas)[None],
        rotations[None],
        *[
            torch.as_tensor(array)
            for array in (
                data.v_template,
                data.shapedirs,
                data.posedirs.reshape(-1, 135).T,
                data.J_regressor,
                data.parents,
                data.weights,
            )
        ],
        pose2rot=False,
    )
    translation = np.asarray(translation, float)
    return Hand(
        side,
        pose,
        betas,
        translation,
        mesh.vertices.numpy() + translation,
        mesh.joints.numpy() + translation,
        chain[0, 4].numpy() + translation,
    )


def moved(hand: Hand, by) -> Hand:
    """The hand elsewhere."""
    return replace(
        hand,
        **{
            name: getattr(hand, name) + by
            for name in ('translation', 'vertices', 'joints', 'knuckle')
        },
    )


def save_model(path: Path, side: str, components: np.ndarray) -> str:
    """The open hand of one side, with other principal components."""
    data = replace(side_model(side), hands_components=components)
    np.savez(path, tip_ids=data.fingertips, **data.mano_arrays())
    return str(path)


@dataclass
class Camera:
    """A camera that looks at the origin: pixels, metres, world to camera."""

    K: np.ndarray
    R: np.ndarray
    t: np.ndarray

    def see(self, points):
        return points @ self.R.T + self.t

    @property
    def position(self):
        return -self.R.T @ self.t


def make_camera(rng, size, distance=0.7) -> Camera:
    focal = 0.9 * size[0] * rng.uniform(0.9, 1.1, 2)
    K = np.array(
        [[focal[0], 0, size[0] / 2 + 3], [0, focal[1], size[1] / 2 - 5], [0, 0, 1.0]]
    )
    R = Rotation.random(random_state=rng.integers(10**6)).as_matrix()
    return Camera(K, R, np.array([0.02, -0.01, distance]))


def write_image(path: Path, size, level: int = 90) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((size[1], size[0], 3), level, np.uint8))


def write_numbers(path: Path, *numbers) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    flat = np.concatenate([np.ravel(n) for n in numbers])
    path.write_text(' '.join(map(repr, flat.tolist())))


def write_freihand(root: Path, split='training', count=3, truth=True, seed=0):
    """``count`` hands, four images of each in training. Returns the hands
    (world: the camera) and their intrinsics."""
    rng = np.random.default_rng(seed)
    hands, all_K, manos = [], [], []
    for _ in range(count):
        hand = make_hand(rng)
        # in the middle of the image, as in the real ones
        place = np.array([0.01, -0.01, rng.uniform(0.7, 0.9)])
        hand = moved(hand, place - hand.joints.mean(0))
        K = np.array([[480.0, 0, 115], [0, 480, 109], [0, 0, 1]])
        focal = 480.0
        scale = focal / hand.knuckle[2]
        uv = hand.knuckle[:2] * scale + K[:2, 2]
        manos.append([[*hand.pose.ravel(), *hand.betas, *uv, scale]])
        hands.append(hand)
        all_K.append(K)
    labels = dict(
        K=np.array(all_K).tolist(),
        scale=[float(np.linalg.norm(h.joints[9] - h.joints[10])) for h in hands],
    )
    if truth:
        labels.update(
            xyz=[h.joints.tolist() for h in hands],
            verts=[h.vertices.tolist() for h in hands],
            mano=np.array(manos).tolist(),
        )
    for kind, content in labels.items():
        write_json(root / f'{split}_{kind}.json', content)
    for image in range(count * (4 if split == 'training' else 1)):
        write_image(
            root / split / 'rgb' / f'{image:08d}.jpg', (224, 224), 20 + 10 * image
        )
    return hands, all_K


def write_interhand(root: Path, split='train', frames=2, cameras=3, seed=0):
    """Frames of a right hand, then as many of a left one, then one of both.
    Returns the hands (frame, side) and the cameras by name."""
    rng = np.random.default_rng(seed)
    size = (512, 334)
    rig = {str(400000 + i): make_camera(rng, size) for i in range(cameras)}
    kinds = ['right'] * frames + ['left'] * frames + ['interacting']
    hands, images, annotations, joints_3d, fits = {}, [], [], {}, {}
    for frame, kind in enumerate(kinds):
        world, valid = np.ones((42, 3)), np.zeros((42, 1))
        fits[str(frame)] = dict(right=None, left=None)
        for start, side in ((0, 'right'), (21, 'left')):
            if kind in (side, 'interacting'):
                hand = make_hand(rng, side, rng.normal(scale=0.02, size=3))
                hands[frame, side] = hand
                world[start : start + 21] = hand.joints[list(TIP_FIRST)]
                valid[start : start + 21] = 1
                fits[str(frame)][side] = dict(
                    pose=hand.pose.ravel().tolist(),
                    shape=hand.betas.tolist(),
                    trans=hand.translation.tolist(),
                )
        joints_3d[str(frame)] = dict(
            world_coord=(1000 * world).tolist(),
            joint_valid=valid.tolist(),
            hand_type=kind,
            hand_type_valid=True,
            seq='ROM01',
        )
        for name in rig:
            file_name = f'Capture0/ROM01/cam{name}/image{frame}.jpg'
            write_image(root / 'images' / split / file_name, size)
            ids = len(images)
            images.append(
                dict(
                    id=ids,
                    file_name=file_name,
                    width=size[0],
                    height=size[1],
                    capture=0,
                    subject=0,
                    seq_name='ROM01',
                    camera=name,
                    frame_idx=frame,
                )
            )
            seen = valid.copy()
            seen[[0, 21]] = 0  # as if the thumb's tip were not annotated
            annotations.append(
                dict(
                    id=ids,
                    image_id=ids,
                    bbox=[1.0, 2, 30, 40],
                    joint_valid=seen.astype(int).tolist(),
                    hand_type=kind,
                    hand_type_valid=1,
                )
            )
    cameras = dict(
        campos={n: (1000 * c.position).tolist() for n, c in rig.items()},
        camrot={n: c.R.tolist() for n, c in rig.items()},
        focal={n: c.K[[0, 1], [0, 1]].tolist() for n, c in rig.items()},
        princpt={n: c.K[:2, 2].tolist() for n, c in rig.items()},
    )
    start = root / 'annotations' / split / f'InterHand2.6M_{split}'
    for kind, content in dict(
        data=dict(images=images, annotations=annotations),
        camera={'0': cameras},
        joint_3d={'0': joints_3d},
        MANO_NeuralAnnot={'0': fits},
    ).items():
        write_json(Path(f'{start}_{kind}.json'), content)
    return hands, rig


def write_dexycb(root: Path, components: np.ndarray, cameras=2, seed=0):
    """Two sequences of two frames, the first frame without a hand. The pose
    is in principal components (rows). Returns the hands by sequence and the
    cameras by serial number."""
    rng = np.random.default_rng(seed)
    size, serials = (
        (640, 480),
        (
            '836212060125',
            '839512060362',
            '840412060917',
            '841412060263',
            '932122060857',
            '932122060861',
            '932122061900',
            '932122062010',
        ),
    )
    rig = {serial: make_camera(rng, size) for serial in serials}
    calibration = root / 'calibration'

    def write_yaml(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content))

    for serial, camera in rig.items():
        fx, fy, cx, cy = map(float, camera.K[[0, 1, 0, 1], [0, 1, 2, 2]])
        write_yaml(
            calibration / 'intrinsics' / f'{serial}_640x480.yml',
            dict(
                color=dict(fx=fx, fy=fy, ppx=cx, ppy=cy),
                depth=dict(fx=1.0, fy=1.0, ppx=1.0, ppy=1.0),
            ),
        )
    write_yaml(
        calibration / 'extrinsics_20200702' / 'extrinsics.yml',
        dict(
            master=serials[0],
            extrinsics={
                serial: np.concatenate([c.R.T, c.position[:, None]], 1).ravel().tolist()
                for serial, c in rig.items()
            },
        ),
    )
    hands = {}
    for number, side in enumerate(('right', 'left')):
        name = f'20200709-weiy/20200709_14175{number}'
        hand = make_hand(rng, side)
        betas = f'20200709-subject-01_{side}'
        write_yaml(
            calibration / f'mano_{betas}' / 'mano.yml', dict(betas=hand.betas.tolist())
        )
        write_yaml(
            root / name / 'meta.yml',
            dict(
                serials=list(serials[:cameras]),
                num_frames=2,
                ycb_ids=[1],
                ycb_grasp_ind=0,
                mano_sides=[side],
                mano_calib=[betas],
                extrinsics='20200702',
            ),
        )
        poses = np.zeros((2, 1, 51), np.float32)
        poses[1] = 1.0
        np.savez(
            root / name / 'pose.npz',
            pose_m=poses,
            pose_y=np.zeros((2, 1, 7), np.float32),
        )
        hands[name] = hand
        for serial in serials[:cameras]:
            camera = rig[serial]
            joints = camera.see(hand.joints).astype(np.float32)
            # The mesh in this camera's frame: the whole hand is turned about
            # its wrist, the first joint of the chain at rest.
            rest = _rest_wrist(hand)
            R = camera.R @ Rotation.from_rotvec(hand.pose[0]).as_matrix()
            translation = camera.see(hand.translation + rest) - rest
            fingers = hand.pose[1:].ravel() @ np.linalg.inv(components)
            pose = np.concatenate(
                [Rotation.from_matrix(R).as_rotvec(), fingers, translation]
            )
            for frame in range(2):
                directory = root / name / serial
                write_image(directory / f'color_{frame:06d}.jpg', size)
                empty = frame == 0
                np.savez(
                    directory / f'labels_{frame:06d}.npz',
                    seg=np.zeros((4, 4), np.uint8),
                    pose_y=np.zeros((1, 3, 4), np.float32),
                    pose_m=(0 * pose if empty else pose)[None].astype('f4'),
                    joint_3d=np.full((1, 21, 3), -1, np.float32)
                    if empty
                    else joints[None],
                    joint_2d=np.full((1, 21, 2), -1, np.float32)
                    if empty
                    else _project(joints, camera.K)[None],
                )
    return hands, rig


def write_ho3d(root: Path, split='evaluation', count=2, truth=True, seed=0):
    """Images of one sequence. Returns the hands (world: the camera) and the
    intrinsics."""
    rng = np.random.default_rng(seed)
    K = np.array([[617.0, 0, 312], [0, 616, 241], [0, 0, 1.0]])
    hands, names = [], []
    mean_pose = load_hand_model().hands_mean.reshape(15, 3)
    for frame in range(count):
        # Made in OpenGL's frame, in front of the camera.
        hand = make_hand(rng, translation=(0.02, -0.03, -rng.uniform(0.5, 0.7)))
        name = f'{frame:04d}'
        names.append(f'SM1/{name}')
        write_image(root / split / 'SM1' / 'rgb' / f'{name}.jpg', (640, 480))
        joints = hand.joints[list(MANO_FIRST)]
        meta = dict(
            camMat=K, objName='003_cracker_box', objLabel=3, objTrans=np.zeros(3)
        )
        if split == 'train':
            pose = hand.pose.copy()
            pose[1:] += mean_pose
            meta.update(
                handJoints3D=joints,
                handPose=pose.ravel(),
                handBeta=hand.betas,
                handTrans=hand.translation,
            )
        else:
            pixels = _project(joints * OPENGL, K)
            meta.update(
                handJoints3D=joints[0],
                handBoundingBox=[
                    *pixels.min(0).astype(int).tolist(),
                    *pixels.max(0).astype(int).tolist(),
                ],
            )
        path = root / split / 'SM1' / 'meta' / f'{name}.pkl'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(meta, protocol=2))
        hands.append(hand)
    (root / f'{split}.txt').write_text('\n'.join(names) + '\n')
    if split == 'evaluation' and truth:
        write_json(
            root / 'evaluation_xyz.json',
            [h.joints[list(MANO_FIRST)].tolist() for h in hands],
        )
        write_json(root / 'evaluation_verts.json', [h.vertices.tolist() for h in hands])
    return hands, K


def write_h2o(root: Path, sequence='subject1/h1', frames=2, seed=0):
    """Both hands, of which the left one is annotated in frame 0 alone.
    Returns the hands (frame, side) and the cameras by number."""
    rng = np.random.default_rng(seed)
    size = (1280, 720)
    rig = {number: make_camera(rng, size) for number in (0, 1, 4)}
    hands = {
        (frame, side): make_hand(rng, side, rng.normal(scale=0.03, size=3))
        for frame in range(frames)
        for side in ('left', 'right')
    }
    for number, camera in rig.items():
        directory = root / sequence / '0' / f'cam{number}'
        write_numbers(
            directory / 'cam_intrinsics.txt', camera.K[[0, 1, 0, 1], [0, 1, 2, 2]], size
        )
        cam2world = np.eye(4)
        cam2world[:3, :3], cam2world[:3, 3] = camera.R.T, camera.position
        for frame in range(frames):
            write_image(directory / 'rgb' / f'{frame:06d}.png', size)
            write_numbers(directory / 'cam_pose' / f'{frame:06d}.txt', cam2world)
            annotated = dict(left=frame == 0, right=True)
            write_numbers(
                directory / 'hand_pose' / f'{frame:06d}.txt',
                *[
                    part
                    for side in ('left', 'right')
                    for part in (
                        [float(annotated[side])],
                        camera.see(hands[frame, side].joints) * annotated[side],
                    )
                ],
            )
    return hands, rig


def write_assemblyhands(root: Path, split='val', frames=(0, 1), seed=0):
    """Both hands; in the last frame the left one has no box. Returns the
    hands (frame, side) and the cameras (name, frame): those of the head move
    with it, the fixed ones (C...) have videos of the first frame on, in which
    there is a picture for every second number."""
    rng = np.random.default_rng(seed)
    size, sequence = (636, 480), 'nusar-2021_action_both_9081-c11b'
    names, fixed = ('HMC_21110305', 'HMC_21179183'), ('C10095_rgb', 'C10115_rgb')
    rig, hands, images, annotations = {}, {}, [], []
    intrinsics, extrinsics, truth = {}, {}, {}
    for name in names:
        K = make_camera(rng, size).K
        intrinsics[f'{name}_mono10bit'] = K.tolist()
        for frame in frames:
            rig[name, frame] = replace(make_camera(rng, size), K=K)

    def as_list(camera):
        return np.concatenate([camera.R, 1000 * camera.t[:, None]], 1).tolist()

    for frame in frames:
        for side in ('right', 'left'):
            hands[frame, side] = make_hand(rng, side, rng.normal(scale=0.03, size=3))
        key = f'{frame:06d}'
        extrinsics[key] = {
            f'{name}_mono10bit': as_list(rig[name, frame]) for name in names
        }
        world = np.concatenate(
            [hands[frame, side].joints[list(TIP_FIRST)] for side in ('right', 'left')]
        )
        truth[key] = dict(world_coord=(1000 * world).tolist(), joint_valid=[1] * 42)
        for name in names:
            file_name = (
                f'ego_images_rectified/{split}/{sequence}/{name}_mono10bit/{key}.jpg'
            )
            write_image(root / 'images' / file_name, size)
            ids = len(images)
            images.append(
                dict(
                    id=ids,
                    file_name=file_name,
                    width=size[0],
                    height=size[1],
                    seq_name=sequence,
                    camera=name,
                    frame_idx=frame,
                )
            )
            seen = [1] * 42
            seen[0] = 0
            annotations.append(
                dict(
                    id=ids,
                    image_id=ids,
                    joint_valid=seen,
                    bbox=dict(
                        right=[1, 2, 30, 40],
                        left=None if frame == frames[-1] else [3, 4, 50, 60],
                    ),
                )
            )
    exo = dict(intrinsics={}, extrinsics={})
    for name in fixed:
        camera = make_camera(rng, size)
        rig.update({(name, frame): camera for frame in frames})
        exo['intrinsics'][name] = camera.K.tolist()
        exo['extrinsics'][name] = as_list(camera)
        _write_video(
            root / 'videos/exo_videos_rectified' / sequence / f'{name}.mp4',
            size,
            range(20, 20 + 10 * ((frames[-1] - frames[0]) // 2 + 1), 10),
        )
    start = root / 'annotations' / split / f'assemblyhands_{split}'
    ego = dict(intrinsics=intrinsics, extrinsics=extrinsics)
    for kind, content in dict(
        ego_data=dict(images=images, annotations=annotations),
        ego_calib=dict(calibration={sequence: ego}),
        exo_calib=dict(calibration={sequence: exo}),
        joint_3d=dict(annotations={sequence: truth}),
    ).items():
        write_json(Path(f'{start}_{kind}_v1-1.json'), content)
    return hands, rig


def _write_video(path: Path, size, levels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 30, size)
    for level in levels:
        video.write(np.full((size[1], size[0], 3), level, np.uint8))
    video.release()


def _project(points, K):
    pixels, _ = cv2.projectPoints(
        np.asarray(points, float), np.zeros(3), np.zeros(3), K, None
    )
    return pixels[:, 0]


def _rest_wrist(hand: Hand) -> np.ndarray:
    data = side_model(hand.side)
    return (data.J_regressor @ (data.v_template + data.shapedirs @ hand.betas))[0]
