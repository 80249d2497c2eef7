"""Calibrations as other programs write them, and how those programs project.

Each writer makes files in the layout of its program, by hand, and returns them with
a function that projects points of the world by that program's own formula.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

SIZE = (640, 480)
HEADER = '%YAML:1.0\n---\n'
BROWN = np.array([-0.21, 0.06, 0.002, -0.003, 0.01])
FISHEYE = np.array([0.08, -0.03, 0.012, -0.002])


@dataclass
class Written:
    """A calibration on disk.

    Attributes:
        path (Path): File or directory.
        pixels (Callable): From points of the world (P, 3), metres, to pixels
            (P, 2) by camera. Of the camera's frame for one without a pose.
        options (dict): What has to be said to read it.
        posed (bool): Whether the cameras have poses.
    """

    path: Path
    pixels: Callable[[np.ndarray], dict[str, np.ndarray]]
    options: dict = field(default_factory=dict)
    posed: bool = True


def intrinsics(i):
    return np.array(
        [[600.0 + 9 * i, 0, 322 - 3 * i], [0, 611 - i, 238.0 + i], [0, 0, 1]]
    )


def rotation(i):
    return Rotation.from_euler(
        'xyz', (0.3 - 0.2 * i, 0.9 * i - 0.8, 0.1 * i)
    ).as_matrix()


def translation(i):
    return np.array([0.03 * i - 0.02, 0.015, 0.55 + 0.04 * i])


def pose(i):
    M = np.eye(4)
    M[:3, :3], M[:3, 3] = rotation(i), translation(i)
    return M


def by_opencv(points, R, t, K, dist):
    points = np.ascontiguousarray(points)
    return cv2.projectPoints(points, cv2.Rodrigues(R)[0], t, K, dist)[0][:, 0]


def by_fisheye(points, R, t, K, dist):
    rvec, tvec = cv2.Rodrigues(R)[0], np.asarray(t, float)
    points = np.ascontiguousarray(points)[:, None]
    return cv2.fisheye.projectPoints(points, rvec, tvec, K, dist)[0][:, 0]


def matrix(values, indent=3, tag=' !!opencv-matrix'):
    """A matrix as OpenCV's YAML has it."""
    values = np.atleast_2d(np.asarray(values, float))
    space = '\n' + ' ' * indent
    return (
        f'{tag}{space}rows: {values.shape[0]}{space}cols: {values.shape[1]}{space}'
        f'dt: d{space}data: [ {", ".join(f"{v:.16e}" for v in values.ravel())} ]\n'
    )


def write_multical(folder):
    names = ['cam1', 'cam2', 'cam3']
    content = dict(
        cameras={
            name: dict(
                model='standard',
                image_size=list(SIZE),
                K=intrinsics(i).tolist(),
                dist=[BROWN.tolist()],
            )
            for i, name in enumerate(names)
        },
        camera_poses={
            name: dict(R=rotation(i).tolist(), T=translation(i).tolist())
            for i, name in enumerate(names)
        },
        image_sets=dict(rgb=[{name: f'{name}/0.png' for name in names}]),
    )
    path = folder / 'calibration.json'
    path.write_text(json.dumps(content, indent=2))
    return Written(
        path,
        lambda X: {
            name: by_opencv(X, rotation(i), translation(i), intrinsics(i), BROWN)
            for i, name in enumerate(names)
        },
        dict(unit='m'),
    )


def write_mc_calib(folder):
    """The second camera is a fisheye; poses are in the first one's frame, in cm."""
    to_first = [np.linalg.inv(pose(i) @ np.linalg.inv(pose(0))) for i in range(2)]
    text = HEADER + 'nb_camera: 2\n'
    for i, dist in enumerate((BROWN, FISHEYE)):
        P = to_first[i].copy()
        P[:3, 3] *= 100
        text += (
            f'camera_{i}:\n'
            f'   camera_matrix:{matrix(intrinsics(i), 6)}'
            f'   distortion_vector:{matrix(dist, 6)}'
            f'   distortion_type: {i}\n'
            '   camera_group: 0\n'
            f'   img_width: {SIZE[0]}\n'
            f'   img_height: {SIZE[1]}\n'
            f'   camera_pose_matrix:{matrix(P, 6)}'
        )
    path = folder / 'calibrated_cameras_data.yml'
    path.write_text(text)

    def pixels(X):
        world = np.c_[X, np.ones(len(X))] @ pose(0).T  # the first camera's frame
        first, second = ((world @ np.linalg.inv(P).T)[:, :3] for P in to_first)
        zero = np.zeros(3)
        return dict(
            camera_0=by_opencv(first, np.eye(3), zero, intrinsics(0), BROWN),
            camera_1=by_fisheye(second, np.eye(3), zero, intrinsics(1), FISHEYE),
        )

    return Written(path, pixels, dict(unit='cm'))


def write_kalibr(folder):
    """A chain of three; without the header that OpenCV would need."""
    steps = [None] + [pose(i) @ np.linalg.inv(pose(i - 1)) for i in (1, 2)]
    text = ''
    for i, step in enumerate(steps):
        K = intrinsics(i)
        text += f'cam{i}:\n'
        if step is not None:
            rows = ''.join(f'  - {row.tolist()}\n' for row in step)
            text += f'  T_cn_cnm1:\n{rows}'
        others = [j for j in range(3) if j != i]
        text += (
            f'  cam_overlaps: {others}\n'
            '  camera_model: pinhole\n'
            f'  distortion_coeffs: {(FISHEYE if i == 2 else BROWN[:4]).tolist()}\n'
            f'  distortion_model: {"equidistant" if i == 2 else "radtan"}\n'
            f'  intrinsics: [{K[0, 0]}, {K[1, 1]}, {K[0, 2]}, {K[1, 2]}]\n'
            f'  resolution: {list(SIZE)}\n'
            f'  rostopic: /cam{i}/image_raw\n'
        )
    path = folder / 'camchain.yaml'
    path.write_text(text)

    def pixels(X):
        found = {}
        seen = np.c_[X, np.ones(len(X))] @ pose(0).T
        for i, step in enumerate(steps):
            seen = seen if step is None else seen @ step.T
            project = by_fisheye if i == 2 else by_opencv
            dist = FISHEYE if i == 2 else BROWN[:4]
            found[f'cam{i}'] = project(
                seen[:, :3], np.eye(3), np.zeros(3), intrinsics(i), dist
            )
        return found

    return Written(path, pixels)


def write_ros(folder):
    """camera_calibration's file, without header; the rectified P has another K."""
    K = intrinsics(0)
    rational = [0.5, -0.2, 0.001, 0.0005, 0.05, 0.8, -0.1, 0.02]

    def rows(values, cols):
        values = np.ravel(values)
        return f'\n  rows: {len(values) // cols}\n  cols: {cols}\n  data: {values.tolist()}\n'

    path = folder / 'ost.yaml'
    path.write_text(
        f'image_width: {SIZE[0]}\nimage_height: {SIZE[1]}\ncamera_name: left\n'
        f'camera_matrix:{rows(K, 3)}distortion_model: rational_polynomial\n'
        f'distortion_coefficients:{rows(rational, 8)}'
        f'rectification_matrix:{rows(rotation(1), 3)}'
        f'projection_matrix:{rows(np.c_[0.9 * K, [-60, 0, 0]], 4)}'
    )
    return Written(
        path,
        lambda X: dict(
            left=by_opencv(X, np.eye(3), np.zeros(3), K, np.array(rational))
        ),
        posed=False,
    )


def write_easymocap(folder):
    """As its FileStorage writes: lines end in CR LF, names are quoted."""
    names = ['01', '02']
    intri = extri = HEADER + 'names:\n' + ''.join(f'  - "{n}"\n' for n in names)
    for i, n in enumerate(names):
        R = rotation(i)
        intri += f'K_{n}:{matrix(intrinsics(i), 2)}dist_{n}:{matrix(BROWN, 2)}'
        intri += f'H_{n}: {SIZE[1]}\nW_{n}: {SIZE[0]}\n'
        extri += f'R_{n}:{matrix(cv2.Rodrigues(R)[0], 2)}Rot_{n}:{matrix(R, 2)}'
        extri += f'T_{n}:{matrix(translation(i)[:, None], 2)}'
    for name, text in (('intri.yml', intri), ('extri.yml', extri)):
        (folder / name).write_bytes(text.replace('\n', '\r\n').encode())
    return Written(
        folder,
        lambda X: {
            n: by_opencv(X, rotation(i), translation(i), intrinsics(i), BROWN)
            for i, n in enumerate(names)
        },
        dict(unit='m'),
    )


def write_stereo_files(folder):
    """What OpenCV's sample stereo_calib leaves; the board is in millimetres."""
    M = pose(1) @ np.linalg.inv(pose(0))
    (folder / 'intrinsics.yml').write_text(
        HEADER
        + ''.join(
            f'M{i + 1}:{matrix(intrinsics(i))}D{i + 1}:{matrix(BROWN)}'
            for i in range(2)
        )
    )
    rectified = ''.join(
        f'{key}:{matrix(np.eye(3) * (i + 1))}'
        for i, key in enumerate(('R1', 'R2', 'P1', 'P2', 'Q'))
    )
    (folder / 'extrinsics.yml').write_text(
        f'{HEADER}R:{matrix(M[:3, :3])}T:{matrix(1000 * M[:3, 3:])}{rectified}'
    )

    def pixels(X):
        first = X @ rotation(0).T + translation(0)
        return dict(
            cam0=by_opencv(first, np.eye(3), np.zeros(3), intrinsics(0), BROWN),
            cam1=by_opencv(first, M[:3, :3], M[:3, 3], intrinsics(1), BROWN),
        )

    return Written(folder, pixels, dict(unit='mm'))


def write_xrprimer(folder):
    """A file for each camera; extrinsics are the camera's pose here."""
    names = ['kinect_00', 'kinect_01']
    k, p = [-0.2, 0.05, 0.01, 0.1, -0.02, 0.003], [0.001, -0.002]
    for i, name in enumerate(names):
        K = np.zeros((4, 4))
        K[:2, :3], K[2, 3], K[3, 2] = intrinsics(i)[:2], 1, 1
        P = np.linalg.inv(pose(i))
        content = dict(
            class_name='FisheyeCameraParameter',
            convention='opencv',
            extrinsic_r=P[:3, :3].tolist(),
            extrinsic_t=P[:3, 3].tolist(),
            height=SIZE[1],
            width=SIZE[0],
            intrinsic=K.tolist(),
            name=name,
            world2cam=False,
            **{f'k{j + 1}': value for j, value in enumerate(k)},
            **{f'p{j + 1}': value for j, value in enumerate(p)},
        )
        (folder / f'{i}.json').write_text(json.dumps(content))
    dist = np.array([*k[:2], *p, *k[2:]])

    def pixels(X):
        found = {}
        for i, name in enumerate(names):
            P = np.linalg.inv(pose(i))
            seen = (X - P[:3, 3]) @ P[:3, :3]
            found[name] = by_opencv(seen, np.eye(3), np.zeros(3), intrinsics(i), dist)
        return found

    return Written(folder, pixels, dict(unit='m'))


def write_jarvis(folder):
    """A file for each camera, whose matrices are for rows; in millimetres."""
    names = ['Camera_B', 'Camera_T']
    dist = np.array([-0.11, 0.07, 0, 0, 0])
    files = {}
    for i, name in enumerate(names):
        files[name] = intrinsics(i).T, rotation(i).T, 1000 * translation(i)[None]
        K, R, T = files[name]
        (folder / f'{name}.yaml').write_text(
            f'{HEADER}intrinsicMatrix:{matrix(K)}distortionCoefficients:{matrix(dist)}'
            f'R:{matrix(R)}T:{matrix(T.T)}'
        )

    def pixels(X):
        found = {}
        for name, (K, R, T) in files.items():
            homogeneous = np.c_[1000 * X, np.ones(len(X))] @ np.r_[R, T] @ K
            centre = K[2, :2]
            seen = homogeneous[:, :2] / homogeneous[:, 2:] - centre
            r2 = ((seen / [K[0, 0], K[1, 1]]) ** 2).sum(1, keepdims=True)
            found[name] = seen * (1 + (dist[0] + dist[1] * r2) * r2) + centre
        return found

    return Written(folder, pixels, dict(unit='mm'))


def write_nerfstudio(folder):
    """Two images of each camera, of OpenGL's axes; pixel centres are at 0.5."""
    names = ['left', 'right']
    dist = dict(k1=-0.1, k2=0.03, p1=0.001, p2=-0.002)
    frames = []
    to_world = []
    for i, name in enumerate(names):
        K = intrinsics(i)
        P = np.linalg.inv(pose(i)) @ np.diag([1, -1, -1, 1])
        to_world.append(P)
        frames += [
            dict(
                file_path=f'images/{name}/frame_{number:05d}.png',
                transform_matrix=(P * 1.0).tolist(),
                fl_x=K[0, 0],
                fl_y=K[1, 1],
                cx=K[0, 2],
                cy=K[1, 2],
                w=SIZE[0],
                h=SIZE[1],
            )
            for number in (1, 2)
        ]
    content = dict(camera_model='OPENCV', **dist, frames=frames, applied_scale=1.0)
    path = folder / 'transforms.json'
    path.write_text(json.dumps(content))

    def pixels(X):
        found = {}
        for i, (name, P) in enumerate(zip(names, to_world)):
            seen = (X - P[:3, 3]) @ P[:3, :3]  # x right, y up, z backward
            x, y = seen[:, 0] / -seen[:, 2], -seen[:, 1] / -seen[:, 2]
            r2 = x * x + y * y
            radial = 1 + dist['k1'] * r2 + dist['k2'] * r2**2
            p1, p2 = dist['p1'], dist['p2']
            u = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
            v = y * radial + 2 * p2 * x * y + p1 * (r2 + 2 * y * y)
            K = intrinsics(i)
            found[name] = np.c_[
                K[0, 0] * u + K[0, 2] - 0.5, K[1, 1] * v + K[1, 2] - 0.5
            ]
        return found

    return Written(path, pixels, dict(unit='m'))


def write_freemocap(folder):
    """Anipose's TOML with a few keys more, in millimetres."""
    text = ''
    for i in range(2):
        rvec = cv2.Rodrigues(rotation(i))[0].ravel()
        centre = -rotation(i).T @ translation(i) * 1000
        text += (
            f'[cam_{i}]\nname = "Camera_00{i}"\nsize = {list(SIZE)}\n'
            f'matrix = {intrinsics(i).tolist()}\ndistortions = {BROWN.tolist()}\n'
            f'rotation = {rvec.tolist()}\ntranslation = {(1000 * translation(i)).tolist()}\n'
            f'world_orientation = {rotation(i).T.tolist()}\n'
            f'world_position = {centre.tolist()}\n\n'
        )
    path = folder / 'camera_calibration.toml'
    path.write_text(text + '[metadata]\nadjusted = false\nerror = 0.0\n')
    return Written(
        path,
        lambda X: {
            f'Camera_00{i}': by_opencv(
                X, rotation(i), translation(i), intrinsics(i), BROWN
            )
            for i in range(2)
        },
        dict(unit='mm'),
    )


def write_caliscope(folder):
    """One camera of three is to be ignored, and has no calibration."""
    text = '[cameras.0]\nport = 0\nrotation_count = 0\nignore = true\nsize = [640, 480]\n\n'
    for i in (1, 2):
        rvec = cv2.Rodrigues(rotation(i))[0].ravel()
        text += (
            f'[cameras.{i}]\nport = {i}\nrotation_count = 0\nerror = 0.371\n'
            f'exposure = -7\ngrid_count = 59\nignore = false\nsize = {list(SIZE)}\n'
            f'matrix = {intrinsics(i).tolist()}\ndistortions = {BROWN.tolist()}\n'
            f'translation = {translation(i).tolist()}\nrotation = {rvec.tolist()}\n'
            'verified_resolutions = [[640, 480], [1280, 720]]\n\n'
        )
    path = folder / 'camera_array.toml'
    path.write_text(text)
    return Written(
        path,
        lambda X: {
            str(i): by_opencv(X, rotation(i), translation(i), intrinsics(i), BROWN)
            for i in (1, 2)
        },
        dict(unit='m'),
    )


def write_opencv_sample(folder):
    """What OpenCV's sample camera_calibration writes of a fisheye: poses are those
    of the board in each image."""
    K = intrinsics(0)
    path = folder / 'cam0.yml'
    path.write_text(
        f'{HEADER}calibration_time: "Sat Nov 28 12:00:00 2026"\nnr_of_frames: 2\n'
        f'image_width: {SIZE[0]}\nimage_height: {SIZE[1]}\nboard_width: 9\n'
        'board_height: 6\nsquare_size: 25.\n# flags:\nflags: 14\nfisheye_model: 1\n'
        f'camera_matrix:{matrix(K)}distortion_coefficients:{matrix(FISHEYE[:, None])}'
        'avg_reprojection_error: 0.31\n'
        f'per_view_reprojection_errors:{matrix([[0.3], [0.32]])}'
        f'# a set of 6-tuples\nextrinsic_parameters:{matrix(np.ones((2, 6)))}'
    )
    return Written(
        path,
        lambda X: dict(cam0=by_fisheye(X, np.eye(3), np.zeros(3), K, FISHEYE)),
        posed=False,
    )


def write_two_tables(folder):
    """YAML of one's own script, tables of intrinsics and of extrinsics."""
    names = ['left', 'right']
    text = 'intrinsics:\n'
    for i, name in enumerate(names):
        text += (
            f'  {name}:\n    K: {intrinsics(i).tolist()}\n    dist: {BROWN.tolist()}\n'
        )
    text += 'extrinsics:\n'
    for i, name in enumerate(names):
        text += f'  {name}: {np.linalg.inv(pose(i)).tolist()}\n'
    path = folder / 'rig.yaml'
    path.write_text(text)
    return Written(
        path,
        lambda X: {
            name: by_opencv(X, rotation(i), translation(i), intrinsics(i), BROWN)
            for i, name in enumerate(names)
        },
        dict(unit='m', extrinsics='cam2world'),
    )


def write_npz(folder):
    """A file for each camera, as scripts save what cv2.calibrateCamera and
    cv2.solvePnP give."""
    for i in range(2):
        np.savez(
            folder / f'cam{i}.npz',
            mtx=intrinsics(i),
            dist=BROWN[None],
            rvec=cv2.Rodrigues(rotation(i))[0],
            tvec=translation(i)[:, None],
        )
    return Written(
        folder,
        lambda X: {
            f'cam{i}': by_opencv(X, rotation(i), translation(i), intrinsics(i), BROWN)
            for i in range(2)
        },
        dict(unit='m', extrinsics='world2cam'),
    )


# Format -> writers of its files.
WRITERS: dict[str, list[Callable[[Path], Written]]] = dict(
    multical=[write_multical],
    mc_calib=[write_mc_calib],
    kalibr=[write_kalibr],
    ros=[write_ros],
    easymocap=[write_easymocap],
    xrprimer=[write_xrprimer],
    jarvis=[write_jarvis],
    nerfstudio=[write_nerfstudio],
    stereo=[write_stereo_files],
    toml=[write_freemocap, write_caliscope],
    opencv=[write_opencv_sample, write_two_tables, write_npz],
)
