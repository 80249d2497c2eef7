"""Cameras, and writers of every format that calibrations are read from."""

import json

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from hamuco_mm.cameras import Camera

SIZE = (640, 480)


def make_cameras(count=3, dist=(-0.2, 0.05, 0.002, -0.003, 0.01)):
    """Cameras around the origin that look at it, half a metre away."""
    cameras = {}
    for i in range(count):
        R = Rotation.from_euler('xyz', (0.3 - 0.2 * i, 1.1 * i - 0.8, 0.1 * i))
        K = np.array([[600.0 + 10 * i, 0, 320], [0, 610, 236 + i], [0, 0, 1]])
        cameras[f'cam{i}'] = Camera(
            K,
            R.as_matrix(),
            np.array([0.02 * i, -0.01, 0.5 + 0.03 * i]),
            np.array(dist, float),
            'opencv',
            SIZE,
        )
    return cameras


def write_opencv(folder, cameras, suffix='.yml'):
    """A file for each camera, with rotation vectors."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, camera in cameras.items():
        storage = cv2.FileStorage(
            str(folder / f'{name}{suffix}'), cv2.FILE_STORAGE_WRITE
        )
        storage.write('image_width', camera.image_size[0])
        storage.write('image_height', camera.image_size[1])
        storage.write('camera_matrix', camera.K)
        storage.write('distortion_coefficients', camera.dist)
        storage.write('rvec', cv2.Rodrigues(camera.R)[0])
        storage.write('tvec', camera.t)
        storage.release()
    return folder


def write_stereo(path, first, second):
    """What OpenCV's sample stereo_calib writes."""
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    R = second.R @ first.R.T
    for key, value in (
        ('M1', first.K),
        ('D1', first.dist),
        ('M2', second.K),
        ('D2', second.dist),
        ('R', R),
        ('T', second.t - R @ first.t),
    ):
        storage.write(key, value)
    storage.release()
    return path


def write_toml(path, cameras, unit=1.0, extra=''):
    """As Anipose writes it."""
    lines = []
    for i, (name, camera) in enumerate(cameras.items()):
        rvec = cv2.Rodrigues(camera.R)[0][:, 0]
        lines += [
            f'[cam_{i}]',
            f'name = "{name}"',
            f'size = {list(camera.image_size)}',
            f'matrix = {camera.K.tolist()}',
            f'distortions = {camera.dist.tolist()}',
            f'rotation = {rvec.tolist()}',
            f'translation = {(camera.t / unit).tolist()}',
            extra,
        ]
    lines += ['[metadata]', 'adjusted = true', 'error = 0.31', '']
    path.write_text('\n'.join(lines))
    return path


def write_json(path, cameras, **said):
    entries = {
        name: dict(K=c.K.tolist(), R=c.R.tolist(), t=c.t.tolist(), dist=c.dist.tolist())
        for name, c in cameras.items()
    }
    path.write_text(json.dumps(dict(cameras=entries, **said)))
    return path


def write_hanco(path, cameras):
    M = np.tile(np.eye(4), (len(cameras), 1, 1))
    M[:, :3, :3] = [c.R for c in cameras.values()]
    M[:, :3, 3] = [c.t for c in cameras.values()]
    K = [c.K.tolist() for c in cameras.values()]
    path.write_text(json.dumps(dict(K=K, M=M.tolist())))
    return path


def write_colmap(folder, cameras, model='OPENCV', params=None, frames=1):
    """``params`` of a camera are its K, half a pixel on, and distortion."""
    folder.mkdir(parents=True, exist_ok=True)
    lenses, images = ['# Camera list'], ['# Image list']
    for i, (name, camera) in enumerate(cameras.items()):
        K = camera.K
        numbers = params or [
            K[0, 0],
            K[1, 1],
            K[0, 2] + 0.5,
            K[1, 2] + 0.5,
            *camera.dist[:4],
        ]
        lenses.append(
            f'{i + 1} {model} {SIZE[0]} {SIZE[1]} '
            + ' '.join(map(repr, map(float, numbers)))
        )
        x, y, z, w = Rotation.from_matrix(camera.R).as_quat()
        for frame in range(frames):
            images += [
                f'{i * frames + frame + 1} {w} {x} {y} {z} '
                + ' '.join(map(str, camera.t))
                + f' {i + 1} {name}/{frame:04d}.jpg',
                '100.5 200.5 7' if frame else '',
            ]
    (folder / 'cameras.txt').write_text('\n'.join(lenses) + '\n')
    (folder / 'images.txt').write_text('\n'.join(images) + '\n')
    return folder
