"""Calibrations of every format come back as the cameras they were made of."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from calibration_files import (
    SIZE,
    make_cameras,
    write_colmap,
    write_hanco,
    write_json,
    write_opencv,
    write_stereo,
    write_toml,
)

from hamuco_mm.cameras import (
    EXTRINSICS,
    CalibrationError,
    Camera,
    Convention,
    parse_unit,
    read_calibration,
    write_calibration,
)


@pytest.fixture(scope='module')
def cameras():
    return make_cameras()


def assert_same(found, expected, dist=slice(None)):
    assert list(found) == list(expected)
    for name, camera in expected.items():
        np.testing.assert_allclose(found[name].K, camera.K, atol=1e-6)
        np.testing.assert_allclose(found[name].R, camera.R, atol=1e-6)
        np.testing.assert_allclose(found[name].t, camera.t, atol=1e-6)
        np.testing.assert_allclose(found[name].dist, camera.dist[dist], atol=1e-9)


@pytest.mark.parametrize('suffix', ['.yml', '.xml'])
def test_opencv_directory(cameras, tmp_path, suffix):
    path = write_opencv(tmp_path / 'calib', cameras, suffix)
    found = read_calibration(path, 'world2cam', 'm').cameras
    assert_same(found, cameras)
    assert found['cam0'].image_size == SIZE


def test_opencv_stereo_file(cameras, tmp_path):
    """The first camera is the world; the second is placed from it."""
    path = write_stereo(tmp_path / 'stereo.yml', *list(cameras.values())[:2])
    found = read_calibration(path, 'world2cam', 'm').cameras
    np.testing.assert_array_equal(found['cam0'].R, np.eye(3))
    point = np.array([0.03, -0.02, 0.01])
    first, second = (c.R @ point + c.t for c in list(cameras.values())[:2])
    np.testing.assert_allclose(
        found['cam1'].R @ first + found['cam1'].t, second, atol=1e-9
    )


def test_fisheye_of_opencv_is_said(cameras, tmp_path):
    """In a directory, in a map of one file, and for all of a stereo file."""
    fisheye = {
        name: replace(
            camera, dist=np.array([0.1, -0.02, 0.01, 0.003]), distortion_model='fisheye'
        )
        for name, camera in list(cameras.items())[:2]
    }
    yml, xml = (
        write_opencv(tmp_path / suffix, fisheye, f'.{suffix}')
        for suffix in ('yml', 'xml')
    )
    stereo = write_stereo(tmp_path / 'stereo.yml', *fisheye.values())
    maps = tmp_path / 'maps.yml'
    maps.write_text(
        '%YAML:1.0\n---\n'
        + ''.join(
            f'{name}:\n   K: {np.ravel(camera.K).reshape(3, 3).tolist()}\n'
            f'   D: {camera.dist.tolist()}\n   R: {camera.R.tolist()}\n'
            f'   t: {camera.t.tolist()}\n'
            for name, camera in fisheye.items()
        )
    )

    def models(path):
        found = read_calibration(path, 'world2cam', 'm').cameras
        return {camera.distortion_model for camera in found.values()}

    for path in (yml, xml, stereo, maps):
        assert models(path) == {'opencv'}
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            text = file.read_text()
            if file.suffix == '.xml':
                text = text.replace(
                    '<opencv_storage>',
                    '<opencv_storage>\n<distortion_model>fisheye</distortion_model>',
                )
            else:
                text = text.replace('---\n', '---\ndistortion_model: fisheye\n', 1)
            file.write_text(text)
        assert models(path) == {'fisheye'}, path


def test_toml_of_anipose_in_millimetres(cameras, tmp_path):
    path = write_toml(tmp_path / 'calibration.toml', cameras, unit=1e-3)
    assert_same(read_calibration(path, unit='mm').cameras, cameras)


def test_toml_of_caliscope(cameras, tmp_path):
    """Without names, with other tables, and with an ignored camera."""
    path = write_toml(tmp_path / 'config.toml', cameras)
    text = path.read_text()
    for i in range(3):
        text = text.replace(
            f'name = "cam{i}"',
            f'port = {i}\nerror = 0.2\nfisheye = false\nignore = {str(i == 1).lower()}',
        )
    path.write_text(text + '[charuco]\ncolumns = 4\n')
    found = read_calibration(path, unit='m').cameras
    assert list(found) == ['cam_0', 'cam_2']
    np.testing.assert_allclose(found['cam_2'].t, cameras['cam2'].t)


def test_json(cameras, tmp_path):
    path = write_json(tmp_path / 'rig.json', cameras)
    assert_same(read_calibration(path, 'world2cam', 'm').cameras, cameras)


def test_json_that_says_what_it_means(cameras, tmp_path):
    path = tmp_path / 'rig.json'
    write_calibration(path, cameras)
    assert_same(read_calibration(path).cameras, cameras)
    write_json(path, cameras, extrinsics='world2cam', unit='mm')
    found = read_calibration(path).cameras['cam1']
    np.testing.assert_allclose(found.t, cameras['cam1'].t / 1000)


def test_hancos_json(cameras, tmp_path):
    found = read_calibration(write_hanco(tmp_path / 'calib.json', cameras))
    assert_same(found.cameras, cameras, slice(0, 0))


def test_colmap(cameras, tmp_path):
    path = write_colmap(tmp_path / 'model', cameras, frames=2)
    found = read_calibration(path, unit='m').cameras
    assert_same(found, cameras, slice(0, 4))
    assert found['cam0'].image_size == SIZE


@pytest.mark.parametrize(
    'model, params, dist',
    [
        ('SIMPLE_PINHOLE', (500, 320, 240), ()),
        ('PINHOLE', (500, 500, 320, 240), ()),
        ('SIMPLE_RADIAL', (500, 320, 240, 0.1), (0.1, 0, 0, 0)),
        ('RADIAL', (500, 320, 240, 0.1, 0.2), (0.1, 0.2, 0, 0)),
        ('OPENCV', (500, 500, 320, 240, 0.1, 0.2, 0.3, 0.4), (0.1, 0.2, 0.3, 0.4)),
        ('FULL_OPENCV', (500, 500, 320, 240, *(np.arange(8) / 10)), np.arange(8) / 10),
        (
            'OPENCV_FISHEYE',
            (500, 500, 320, 240, 0.1, 0.2, 0.3, 0.4),
            (0.1, 0.2, 0.3, 0.4),
        ),
        ('SIMPLE_RADIAL_FISHEYE', (500, 320, 240, 0.1), (0.1,)),
        ('RADIAL_FISHEYE', (500, 320, 240, 0.1, 0.2), (0.1, 0.2)),
    ],
)
def test_colmaps_camera_models(cameras, tmp_path, model, params, dist):
    path = write_colmap(tmp_path, cameras, model, list(params))
    camera = read_calibration(path, unit='m').cameras['cam0']
    np.testing.assert_allclose(camera.K, [[500, 0, 319.5], [0, 500, 239.5], [0, 0, 1]])
    np.testing.assert_allclose(camera.dist, dist)
    assert (camera.distortion_model == 'fisheye') == ('FISHEYE' in model)


def test_colmap_refuses_a_moving_camera(cameras, tmp_path):
    path = write_colmap(tmp_path, cameras, frames=2)
    lines = (path / 'images.txt').read_text().splitlines()
    words = lines[3].split()
    words[5] = '0.3'
    lines[3] = ' '.join(words)
    (path / 'images.txt').write_text('\n'.join(lines))
    with pytest.raises(CalibrationError, match="'cam0' have different poses"):
        read_calibration(path, unit='m')


@pytest.mark.parametrize('axes', ['opencv', 'opengl'])
@pytest.mark.parametrize('extrinsics', EXTRINSICS)
def test_conventions_by_their_definition(cameras, extrinsics, axes):
    """Each one by the equation that defines it, for one point."""
    point = np.array([0.03, -0.02, 0.01])
    R, t = cameras['cam1'].R, cameras['cam1'].t
    expected = dict(
        world2cam=R @ point + t,
        cam2world=np.linalg.solve(R, point - t),
        centre=R @ (point - t),
        transposed=np.linalg.solve(R, point) + t,
    )[extrinsics]
    if axes == 'opengl':
        expected = expected * [1, -1, -1]
    convention = Convention(extrinsics, axes)
    found_R, found_t = convention.to_world2cam(R, t)
    np.testing.assert_allclose(found_R @ point + found_t, expected)
    back = convention.from_world2cam(found_R, found_t)
    np.testing.assert_allclose(back[0], R, atol=1e-12)
    np.testing.assert_allclose(back[1], t, atol=1e-12)


def test_units():
    assert [parse_unit(u) for u in ('m', 'cm', 'mm', '0.047')] == [
        1,
        0.01,
        0.001,
        0.047,
    ]
    for wrong in ('inch', '-1', 0, 'nan'):
        with pytest.raises(ValueError, match='metres'):
            parse_unit(wrong)


def test_undistorting_undoes_opencvs_projection(cameras):
    points = np.random.default_rng(0).uniform(-0.15, 0.15, (50, 3)) + [0, 0, 0.5]
    for model, dist in (
        ('opencv', (-0.2, 0.05, 0.002, -0.003, 0.01)),
        ('fisheye', (0.1, -0.02, 0.01, 0.003)),
    ):
        camera = Camera(cameras['cam0'].K, dist=np.array(dist), distortion_model=model)
        pinhole = Camera(cameras['cam0'].K)
        seen, straight = camera.project(points), pinhole.project(points)
        assert np.abs(seen - straight).max() > 1
        np.testing.assert_allclose(camera.undistort(seen), straight, atol=1e-3)


def test_rescaled_camera_sees_the_resized_image():
    """A bright spot stays where the camera says it is."""
    image = np.zeros((480, 640), np.float32)
    image[100:110, 200:210] = 1
    K = np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]])
    spot = np.array([[(204.5 - 320) / 600, (104.5 - 240) / 600, 1]])
    camera = Camera(K, image_size=(640, 480)).resize((320, 240))
    small = cv2.resize(image, (320, 240), interpolation=cv2.INTER_AREA)
    y, x = (small[..., None] * np.moveaxis(np.indices(small.shape), 0, -1)).sum(
        (0, 1)
    ) / small.sum()
    np.testing.assert_allclose(camera.project(spot), [[x, y]], atol=1e-6)


def test_meaning_has_to_be_said(cameras, tmp_path):
    path = write_json(tmp_path / 'rig.json', cameras)
    with pytest.raises(CalibrationError, match='--extrinsics.*check_rig'):
        read_calibration(path, unit='m')
    with pytest.raises(CalibrationError, match='--unit'):
        read_calibration(path, 'world2cam')


def mirrored(entry):
    entry['R'] = (np.diag([1, 1, -1]) @ np.array(entry['R'])).tolist()


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda e: e.pop('K'), "camera 'cam1'.*no intrinsics.*fx"),
        (lambda e: e.update(K=np.eye(4).tolist()), r'shape \(4, 4\)'),
        (lambda e: e.update(K=np.array(e['K']).T.tolist()), 'transposed'),
        (lambda e: e.pop('t'), 'both "R" and "t"'),
        (lambda e: e.update(t=[1, 2]), 't has 2 numbers'),
        (lambda e: e.update(R=(2 * np.eye(3)).tolist()), 'no rotation matrix'),
        (mirrored, 'mirrors'),
        (lambda e: e.update(t=['a', 'b', 'c']), "cam1', t: not an array"),
        (lambda e: e.update(t=[float('nan')] * 3), 'not finite'),
        (lambda e: e.update(dist=[1, 2, 3]), '3 distortion coefficients'),
    ],
)
def test_errors_name_file_key_and_remedy(cameras, tmp_path, change, message):
    path = write_json(tmp_path / 'rig.json', cameras)
    content = json.loads(path.read_text())
    change(content['cameras']['cam1'])
    path.write_text(json.dumps(content))
    with pytest.raises(CalibrationError, match=message) as error:
        read_calibration(path, 'world2cam', 'm')
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    'name, content, message',
    [
        ('a.json', '{"cameras": ', 'not readable as JSON'),
        ('a.toml', '[cam_0', 'not readable as TOML'),
        ('a.yml', 'no storage', 'should be a map of cameras'),
        ('a.json', '{"cameras": {}}', 'has no camera'),
        ('a.pkl', 'x', 'no known kind'),
        ('cameras.txt', '1 FOV 640 480 1 2 3 4 5', 'FOV is not supported'),
        ('cameras.txt', '1 PINHOLE 640 480 1 2', 'PINHOLE has 4 parameters'),
    ],
)
def test_unreadable_files(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(CalibrationError, match=message):
        read_calibration(tmp_path / name, 'world2cam', 'm')


def test_cameras_without_a_place(cameras, tmp_path):
    """Intrinsics alone: nothing has to be said, and nothing is invented."""
    path = tmp_path / 'rig.json'
    path.write_text(json.dumps(dict(cam0=dict(fx=500, fy=510, cx=320, cy=240))))
    camera = read_calibration(path).cameras['cam0']
    assert not camera.has_pose
    np.testing.assert_array_equal(camera.K[:2, 2], [320, 240])


def test_camera_param_round_trip(cameras):
    camera = cameras['cam1']
    param = camera.as_camera_param()
    assert {key: value.shape for key, value in param.items()} == dict(
        K=(3, 3), R=(3, 3), t=(3,), dist=(5,)
    )
    back = Camera.from_camera_param(param)
    np.testing.assert_allclose(back.dist, camera.dist, rtol=1e-6)
