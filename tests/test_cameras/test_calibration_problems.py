"""What is wrong with a calibration, or not used of it, is named."""

import json
import re
import warnings
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from calibration_files import (
    make_cameras,
    write_colmap,
    write_hanco,
    write_json,
    write_opencv,
    write_toml,
)
from tool_calibrations import (
    BROWN,
    FISHEYE,
    HEADER,
    matrix,
    write_caliscope,
    write_easymocap,
    write_jarvis,
    write_kalibr,
    write_mc_calib,
    write_multical,
    write_nerfstudio,
    write_npz,
    write_ros,
    write_stereo_files,
    write_two_tables,
    write_xrprimer,
)

from hamuco_mm.cameras import CalibrationError, CalibrationWarning, read_calibration
from hamuco_mm.cameras.files.fields import camera_from_fields
from hamuco_mm.datasets.rig import read_annotations

K = [[500, 0, 320], [0, 510, 240], [0, 0, 1]]
POSE = dict(R=np.eye(3).tolist(), t=[0, 0, 1])


def read(path, **options):
    """The cameras, and the line of what is not used."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        found = read_calibration(path, **options)
    assert all(isinstance(one.message, CalibrationWarning) for one in said)
    assert len(said) <= 1
    return found.cameras, str(said[0].message) if said else ''


def read_one(tmp_path, fields, **options):
    path = tmp_path / 'rig.json'
    path.write_text(json.dumps(dict(cameras=dict(cam0=fields))))
    return read(path, extrinsics='world2cam', unit='m', **options)


def refused(path, message, **options):
    with pytest.raises(CalibrationError, match=message) as error:
        read(path, **options)
    return str(error.value)


def edit(path, *changes):
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)


# One camera, by its names


@pytest.mark.parametrize(
    'fields',
    [
        dict(distortion_model='fisheye'),
        dict(distortion_model='equidistant'),
        dict(lens_model='Kannala-Brandt'),
        dict(distortion_type='kannala_brandt4'),
        dict(camera_model='OPENCV_FISHEYE'),
        dict(model='fisheye'),
        dict(camera_model='pinhole', distortion_model='equi'),
        dict(fisheye=True),
        dict(fisheye_model=1),
        dict(is_fisheye='true'),
        dict(fisheye_model=1.0, distortion_model='equidistant'),
    ],
)
def test_names_of_a_fisheye(tmp_path, fields):
    cameras, said = read_one(tmp_path, dict(K=K, D=[0.1, 0.02, 0, 0.01], **fields))
    assert cameras['cam0'].distortion_model == 'fisheye'
    assert not said


@pytest.mark.parametrize(
    'fields',
    [
        dict(),
        dict(distortion_model='plumb_bob'),
        dict(distortion_model='radtan'),
        dict(model='standard'),
        dict(camera_model='PINHOLE', fisheye=False),
        dict(distortion_model='Brown-Conrady'),
        dict(fisheye_model='0'),
    ],
)
def test_names_of_opencvs_lens(tmp_path, fields):
    cameras, said = read_one(tmp_path, dict(K=K, D=[0.1, 0.02, 0, 0.01], **fields))
    assert cameras['cam0'].distortion_model == 'opencv'
    assert not said


def _fisheye_of_toml(folder):
    path = write_toml(folder / 'rig.toml', make_cameras(dist=(0.1, 0.02, 0, 0.01)))
    path.write_text(f'distortion_model = "fisheye"\n{path.read_text()}')
    return path


def _fisheye_of_caliscope(folder):
    path = write_caliscope(folder).path
    text = path.read_text().replace(str(BROWN.tolist()), str(FISHEYE.tolist()))
    path.write_text(f'fisheye = true\n{text}')
    return path


def _fisheye_of_multical(folder):
    path = write_multical(folder).path
    content = json.loads(path.read_text())
    for camera in content['cameras'].values():
        del camera['model']
        camera['dist'] = [FISHEYE.tolist()]
    path.write_text(json.dumps(dict(content, distortion_model='fisheye')))
    return path


def _fisheye_of_easymocap(folder):
    path = write_easymocap(folder).path
    text = (
        (path / 'intri.yml').read_text().replace(matrix(BROWN, 2), matrix(FISHEYE, 2))
    )
    (path / 'intri.yml').write_text(f'{text}fisheye_model: 1\n')
    return path


def _fisheye_of_hanco(folder):
    path = write_hanco(folder / 'rig.json', make_cameras(2))
    content = json.loads(path.read_text())
    dist = [FISHEYE.tolist()] * 2
    path.write_text(json.dumps(dict(content, dist=dist, distortion_model='fisheye')))
    return path


@pytest.mark.parametrize(
    'write',
    [
        _fisheye_of_toml,
        _fisheye_of_caliscope,
        _fisheye_of_multical,
        _fisheye_of_easymocap,
        _fisheye_of_hanco,
    ],
)
def test_a_lens_model_at_the_top_of_a_file(tmp_path, write):
    cameras, said = read(write(tmp_path), unit='m')
    assert cameras
    for camera in cameras.values():
        assert camera.distortion_model == 'fisheye' and camera.dist.shape == (4,)
    unused = said.partition('not used')[2]
    assert 'fisheye' not in unused and 'distortion_model' not in unused


def test_the_make_of_a_camera_is_no_lens(tmp_path):
    cameras, said = read_one(tmp_path, dict(K=K, model='acA1920', type='vga'))
    assert cameras['cam0'].distortion_model == 'opencv'
    assert 'not used: model (of cam0), type (of cam0)' in said
    for model in ('distortion.brown_conrady', 'distortion.inverse_brown_conrady'):
        cameras, said = read_one(tmp_path, dict(K=K, model=model, coeffs=[0.0] * 5))
        assert not cameras['cam0'].has_lens and 'model (of cam0)' in said
    said = dict(K=K, projection='fisheye', fisheye=True, D=[0.1, 0, 0, 0])
    assert read_one(tmp_path, said)[0]['cam0'].distortion_model == 'fisheye'


@pytest.mark.parametrize(
    ('key', 'model'),
    [
        ('lens_type', 'fisheye'),
        ('projection', 'Fisheye (equidistant)'),
        ('camera_type', 'pinhole_equidistant'),
        ('model', 'distortion.kannala_brandt4'),
        ('model', 'distortion.inverse_brown_conrady'),
    ],
)
def test_a_key_that_may_name_the_lens(tmp_path, key, model):
    """It stood among what is not used, beside the coefficients of another lens."""
    camera = dict(K=K, **POSE, dist=[0.1, 0.01, 0, 0])
    message = f"'{key}' is '{re.escape(model)}', which may be the lens model"
    with pytest.raises(CalibrationError, match=message):
        read_one(tmp_path, {**camera, key: model})
    path = tmp_path / 'top.json'
    path.write_text(json.dumps({'cameras': dict(cam0=camera), key: model}))
    refused(path, f'{message}.*cam0', extrinsics='world2cam', unit='m')


@pytest.mark.parametrize(
    'fields, message',
    [
        (dict(distortion_model='omni'), "'omni' is not known"),
        (dict(camera_model='eucm'), "'eucm' is not known"),
        (dict(lens_model='my lens'), "'my lens' is not known"),
        (dict(fisheye=True, distortion_model='radtan'), 'two lens models'),
        (dict(fisheye='maybe'), 'neither true nor false'),
        (dict(distortion_model='none', dist=[0.1, 0, 0, 0]), 'has coefficients'),
        (dict(K=np.diag([600.0, 600, 1]).tolist(), mtx=K), "'K' and 'mtx' differ"),
        (dict(mtx=K, dist=[0.1, 0, 0, 0], D=[0.2, 0, 0, 0]), "'dist' and 'D' differ"),
        (
            dict(mtx=K, t=[0, 0, 1], tvec=[0, 0, 2], R=[0, 0, 0]),
            "'t' and 'tvec' differ",
        ),
        (dict(size=[640, 480], width=320, height=240), 'differ'),
        (dict(dist=[0.1, 0, 0, 0], D=[0.1, 0, 0, 0, 0]), "'dist' and 'D' differ"),
        (dict(size=[640, 480, 3]), 'a width and a height'),
        (dict(size=[640.5, 480]), 'whole pixels'),
        (dict(width=[640, 480], height=480), 'width: should be one number'),
        (dict(skew=2, camera_matrix=[[500, 1, 320], [0, 510, 240], [0, 0, 1]]), 'skew'),
        (dict(quaternion=[1, 0, 0, 0], position=[0, 0, 1]), 'may be the pose.*"R"'),
        (dict(c2w=np.eye(4).tolist()), "'c2w' may be the pose"),
        (dict(T_cam_world=np.eye(4).tolist()), 'may be the pose'),
        (dict(xi=0.9), "'xi' may be of the lens"),
        (dict(radial_distortion=[0.1, 0.2]), 'may be of the lens'),
        (
            dict(distortion=dict(radial=[0.1, 0.2], tangential=[0, 0])),
            "'radial' may be",
        ),
        (dict(extrinsics=np.eye(3).tolist()), r'shape \(3, 3\)'),
        (dict(extrinsics=np.eye(4)[::-1].tolist()), 'last row.*transposed'),
        (dict(R=[1, 2], t=[0, 0, 1]), r'shape \(2,\)'),
        (dict(R=[0, 0, 0]), 'without a translation'),
        (dict(rvec=[10, -90, 4], t=[0, 0, 1]), 'by 90.6 radians.*degrees'),
        (dict(R=[[0], [0], [90]], t=[0, 0, 1]), 'by 90.0 radians.*3 x 3'),
        (dict(dist=dict(k=1), intrinsics=dict(dist=[1])), "'dist' is there twice"),
        (dict(dist=[[0] * 200] * 200), 'not an array of numbers'),
    ],
)
def test_a_camera_that_cannot_be(tmp_path, fields, message):
    fields = (
        fields if {'mtx', 'camera_matrix', 'K'} & set(fields) else dict(K=K, **fields)
    )
    with pytest.raises(CalibrationError, match=message) as error:
        read_one(tmp_path, fields)
    assert "rig.json, camera 'cam0'" in str(error.value)


def test_a_rotation_vector_of_more_than_half_a_turn(tmp_path):
    fields = dict(K=K, rvec=[0, 0, 1.5 * np.pi], t=[0, 0, 1])
    cameras, _ = read_one(tmp_path, fields)
    R = [[0, 1, 0], [-1, 0, 0], [0, 0, 1]]
    np.testing.assert_allclose(cameras['cam0'].R, R, atol=1e-12)


def test_a_pose_that_is_there_leaves_others_unused(tmp_path):
    _, said = read_one(tmp_path, dict(K=K, **POSE, world_position=[0, 0, -1], rms=0.2))
    assert said.endswith('not used: world_position (of cam0), rms (of cam0)')


def test_values_in_groups_and_single_numbers(tmp_path):
    fields = dict(
        intrinsics=dict(fx=500, fy=510, cx=320, cy=240, skew=3),
        distortion=dict(k1=0.1, k2=0.02, p1=0.001, p2=-0.002),
        extrinsics=dict(R=np.eye(3).tolist(), t=[0, 0, 1]),
    )
    cameras, said = read_one(tmp_path, fields)
    assert not said and cameras['cam0'].has_pose
    assert cameras['cam0'].K[0, 1] == 3
    np.testing.assert_array_equal(cameras['cam0'].dist, [0.1, 0.02, 0.001, -0.002, 0])
    del fields['distortion']
    fields.update(k1=0.1, k4=0.2, fisheye=True)
    cameras, _ = read_one(tmp_path, fields)
    np.testing.assert_array_equal(cameras['cam0'].dist, [0.1, 0, 0, 0.2])


def test_many_unused_keys_are_counted(tmp_path):
    _, said = read_one(tmp_path, dict(K=K, **{f'note_{i}': i for i in range(25)}))
    assert said.endswith('note_19 (of cam0) and 5 more')


# A camera that is there twice


def test_a_camera_twice_in_json(tmp_path):
    path = tmp_path / 'rig.json'
    entry = dict(K=K, **POSE)
    path.write_text(json.dumps(dict(cameras=[dict(name='a', **entry)] * 2)))
    refused(path, "'a' is there twice")
    path.write_text(json.dumps([dict(id=3, **entry), dict(camera='3', **entry)]))
    refused(path, "'3' is there twice")
    one = json.dumps(entry)
    path.write_text(f'{{"cameras": {{"a": {one}, "a": {one}}}}}')
    refused(path, "'a' is there twice")
    path.write_text(json.dumps(dict(cameras=[entry])))
    refused(path, r'cameras\[0\].*has no "name"')


def test_a_camera_twice_in_yaml_and_toml(tmp_path):
    entry = f'  K: {K}\n'
    (tmp_path / 'a.yml').write_text(f'cam0:\n{entry}cam0:\n{entry}')
    refused(tmp_path / 'a.yml', r"'cam0' is there twice \(line 3\)")
    cameras = {'cam0': make_cameras()['cam0']}
    path = write_toml(tmp_path / 'a.toml', cameras)
    path.write_text(
        path.read_text()
        + path.read_text().replace('[cam_0]', '[cam_1]').replace('[metadata]', '[m]')
    )
    refused(path, "camera 'cam0' is there twice")


def test_a_camera_twice_in_xml_and_npz(tmp_path):
    path = write_opencv(tmp_path, {'cam0': make_cameras()['cam0']}, '.xml') / 'cam0.xml'
    edit(path, ('</opencv_storage>', '<rvec>1</rvec></opencv_storage>'))
    refused(path, "'rvec' is there twice", extrinsics='world2cam', unit='m')
    path = tmp_path / 'cam0.npz'
    np.savez(path, K=np.array(K))
    with zipfile.ZipFile(path) as archive, warnings.catch_warnings():
        content = archive.read('K.npy')
    with zipfile.ZipFile(path, 'a') as archive, warnings.catch_warnings():
        warnings.simplefilter('ignore')
        archive.writestr('K.npy', content)
    refused(path, "'K.npy' is there twice")


def test_a_camera_twice_in_a_directory(tmp_path):
    cameras = make_cameras(1)
    write_opencv(tmp_path, cameras, '.yml')
    write_opencv(tmp_path, cameras, '.xml')
    refused(
        tmp_path,
        "'cam0' is there twice, also in cam0.xml",
        extrinsics='world2cam',
        unit='m',
    )


def test_a_camera_twice_in_easymocap_and_colmap(tmp_path):
    write_easymocap(tmp_path)
    for name in ('intri.yml', 'extri.yml'):
        edit(tmp_path / name, ('"02"', '"01"'))
    refused(tmp_path, "'01' is there twice", unit='m')
    path = write_colmap(tmp_path / 'model', make_cameras())
    lines = (path / 'cameras.txt').read_text()
    (path / 'cameras.txt').write_text(lines + lines)
    refused(path, 'camera 1 is there twice', unit='m')


def test_images_of_a_camera_with_two_intrinsics(tmp_path):
    path = write_colmap(tmp_path, make_cameras(), frames=2)
    edit(path / 'images.txt', (' 1 cam0/0001.jpg', ' 2 cam0/0001.jpg'))
    refused(path, "'cam0' have different intrinsics", unit='m')


# Files and directories


@pytest.mark.parametrize('suffix', ['.json', '.toml', '.yml', '.xml'])
@pytest.mark.parametrize('encoding', ['utf-8-sig', 'utf-16'])
def test_byte_order_marks(tmp_path, suffix, encoding):
    cameras = {'cam0': make_cameras()['cam0']}
    if suffix == '.json':
        path = write_json(tmp_path / 'cam0.json', cameras)
    elif suffix == '.toml':
        path = write_toml(tmp_path / 'cam0.toml', cameras)
    else:
        path = write_opencv(tmp_path, cameras, suffix) / f'cam0{suffix}'
    path.write_text(path.read_text(), encoding=encoding)
    found, _ = read(path, extrinsics='world2cam', unit='m')
    np.testing.assert_allclose(found['cam0'].t, cameras['cam0'].t)


def test_byte_order_marks_of_a_text_model(tmp_path):
    path = write_colmap(tmp_path, make_cameras())
    for file in path.iterdir():
        file.write_text(file.read_text(), encoding='utf-8-sig')
    assert len(read(path, unit='m')[0]) == 3


def test_the_content_counts_not_the_name(tmp_path):
    cameras = make_cameras()
    written = write_json(tmp_path / 'rig.json', cameras)
    for name in ('rig.txt', 'rig.calib', 'rig'):
        path = tmp_path / name
        path.write_bytes(written.read_bytes())
        assert list(read(path, extrinsics='world2cam', unit='m')[0]) == list(cameras)
    path = tmp_path / 'cam0.json'
    path.write_text(f'{HEADER}camera_matrix:{matrix(K)}')
    assert list(read(path)[0]) == ['cam0']


def test_no_known_kind(tmp_path):
    path = tmp_path / 'a.mat'
    path.write_text('nothing')
    told = refused(path, 'no known kind')
    for name in ('MultiCal', 'Kalibr', 'COLMAP', 'Anipose'):
        assert name in told
    (tmp_path / 'empty').mkdir()
    refused(tmp_path / 'empty', 'no known kind')
    with pytest.raises(ValueError, match='format should be one of'):
        read(path, format='csv')
    with pytest.raises(FileNotFoundError, match='no calibration'):
        read(tmp_path / 'nowhere.json')


@pytest.mark.parametrize(
    'name, content, message',
    [
        ('a.yml', '[1, 2', 'not readable as YAML'),
        ('a.yml', '? [1]\n: 2\n', 'a key is no text'),
        ('a.yml', '', 'should be a map of cameras'),
        ('a.yml', 'x: &a [*a, *a]\n', 'more than'),
        ('a.yml', 'x: !!python/object:os.system 1\n', 'not readable as YAML'),
        ('a.xml', '<opencv_storage><a>', 'not readable as XML'),
        ('a.json', b'\xff\xfe\xff', 'not readable'),
        ('a.json', '[' * 100_000, 'not readable as JSON'),
        ('a.json', '{"cameras": {"a": 3}}', 'should be a map'),
        ('a.json', '{"cameras": {}, "unit": "inch"}', 'a unit should be'),
        ('a.json', '{"K": [], "M": [1]}', 'different lengths'),
        ('a.toml', 'a = 1\na = 2\n', 'not readable as TOML'),
        ('a.npz', 'no archive', 'not readable as NPZ'),
    ],
)
def test_damaged_files(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(path, message)


def test_files_that_are_too_large(tmp_path):
    for name in ('a.json', 'a.npz'):
        with open(tmp_path / name, 'wb') as file:
            file.truncate((1 << 26) + 1)
        refused(tmp_path / name, 'larger than 64 MiB')
    np.savez_compressed(tmp_path / 'b.npz', K=np.zeros((3000, 3000)))
    refused(tmp_path / 'b.npz', 'holds more than 64 MiB')


def test_aliases_do_not_grow(tmp_path):
    lines = ['a0: &a0 [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]']
    lines += [f'a{i}: &a{i} [{", ".join([f"*a{i - 1}"] * 10)}]' for i in range(1, 10)]
    (tmp_path / 'a.yml').write_text('\n'.join(lines))
    refused(tmp_path / 'a.yml', 'more than 1000000 values')


def test_files_of_a_directory_that_are_not_used(tmp_path):
    written = write_jarvis(tmp_path)
    (tmp_path / '._Camera_T.yaml').write_bytes(b'\0\5\x16\7')
    (tmp_path / '.DS_Store').write_bytes(b'\0')
    (tmp_path / 'README.txt').write_text('of Tuesday')
    cameras, said = read(tmp_path, unit='mm')
    assert len(cameras) == 2
    assert said == f'{written.path}: not used: README.txt'


def test_a_directory_of_two_calibrations(tmp_path):
    write_jarvis(tmp_path)
    write_toml(tmp_path / 'zz.toml', {'front': make_cameras()['cam0']})
    refused(tmp_path, 'another format than Camera_B.yaml', unit='mm')


def test_halves_of_a_calibration(tmp_path):
    write_stereo_files(tmp_path)
    both, said = read(tmp_path / 'extrinsics.yml', unit='mm')
    assert list(both) == ['cam0', 'cam1']
    assert 'read together with intrinsics.yml' in said
    (tmp_path / 'intrinsics.json').write_text('{}')
    assert 'intrinsics.json' in read(tmp_path / 'extrinsics.yml', unit='mm')[1]
    assert 'intrinsics.json' in read(tmp_path, unit='mm')[1]
    (tmp_path / 'intrinsics.json').unlink()
    edit(tmp_path / 'extrinsics.yml', ('---\n', '---\nD1: 3\n'))
    refused(tmp_path, "'D1' differs from that of intrinsics.yml", unit='mm')
    (tmp_path / 'extrinsics.yml').write_text('- 1\n')
    refused(tmp_path, 'holds no named values', unit='mm')


def test_halves_by_camera(tmp_path):
    (tmp_path / 'intrinsics.json').write_text(json.dumps(dict(cam0=dict(K=K))))
    (tmp_path / 'extrinsics.json').write_text(json.dumps(dict(cam0=POSE)))
    cameras, _ = read(tmp_path, extrinsics='world2cam', unit='m')
    assert cameras['cam0'].has_pose


# Formats of programs


def test_tables_of_cameras(tmp_path):
    path = write_two_tables(tmp_path).path
    options = dict(extrinsics='cam2world', unit='m')
    edit(path, ('extrinsics:\n  left:', 'extrinsics:\n  front:'))
    refused(path, 'entries of front, and none of left', **options)
    path.write_text(
        f'K: {{left: {K}}}\nR: {{left: [0, 0, 0], top: [0, 0, 0]}}\nt: {{left: [0, 0, 1]}}\n'
    )
    cameras, said = read(path, **options)
    assert cameras['left'].has_pose and "(R) of 'top' belongs to no camera" in said
    path.write_text(
        f'cameras: {{left: {{K: {K}, R: [0, 0, 0]}}}}\nR: {{left: [0, 0, 0]}}\n'
    )
    refused(path, "'R' is there twice", **options)


def test_a_table_that_may_hold_the_poses(tmp_path):
    path = tmp_path / 'rig.json'
    content = dict(cameras=dict(cam0=dict(K=K)), camera_positions=dict(cam0=[1, 2, 3]))
    path.write_text(json.dumps(content))
    refused(path, "'camera_positions' may hold the poses.*cam0")
    content['cameras']['cam0'].update(POSE)
    path.write_text(json.dumps(content))
    _, said = read(path, extrinsics='world2cam', unit='m')
    assert said.endswith('not used: camera_positions')


def test_a_table_that_may_hold_the_lenses(tmp_path):
    path = tmp_path / 'rig.yaml'
    path.write_text(
        'projection_parameters: {fx: 461.6, fy: 460.3, cx: 363.0, cy: 248.1}\n'
        'distortion_parameters: {k1: -0.29, k2: 0.08, p1: 0.0, p2: 0.0}\n'
    )
    refused(path, "'distortion_parameters' may hold the lenses")
    edit(path, ('distortion_parameters', 'board_distances'))
    assert read(path)[1].endswith('not used: board_distances')


def test_one_camera_that_has_a_name(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text(
        json.dumps(dict(name='left', K=K, unit='m', extrinsics='world2cam'))
    )
    assert list(read(path)[0]) == ['left']
    (tmp_path / 'a.yml').write_text(f'name: left\nK: {K}\n')
    cameras, said = read(tmp_path / 'a.yml')
    assert list(cameras) == ['a'] and "called a, not 'left'" in said


def test_hancos_form_with_lenses(tmp_path):
    path = write_hanco(tmp_path / 'calib.json', make_cameras())
    content = json.loads(path.read_text())
    content.update(dist=[[0.1, 0, 0, 0]] * 3, made=1)
    path.write_text(json.dumps(content))
    cameras, said = read(path)
    np.testing.assert_array_equal(cameras['cam2'].dist, [0.1, 0, 0, 0])
    assert said.endswith('not used: made')


def test_hancos_form_without_lenses(tmp_path):
    path = write_hanco(tmp_path / 'rig.json', make_cameras(2))
    content = json.loads(path.read_text())
    path.write_text(json.dumps(dict(content, dist=None)))
    cameras, _ = read(path)
    assert not any(camera.has_lens for camera in cameras.values())
    path.write_text(json.dumps(dict(content, dist=0.1)))
    refused(path, 'dist: should be a list')


def test_cameras_of_hancos_form_that_were_not_calibrated(tmp_path):
    path = write_hanco(tmp_path / 'rig.json', make_cameras(3))
    content = json.loads(path.read_text())
    content['K'][0] = np.zeros((3, 3)).tolist()
    content['M'][0] = np.zeros((4, 4)).tolist()
    path.write_text(json.dumps(content))
    cameras, said = read(path)
    assert list(cameras) == ['cam1', 'cam2']
    assert said.endswith('camera cam0 is left out: its K and M are zeros')
    np.testing.assert_allclose(cameras['cam1'].t, make_cameras(3)['cam1'].t)
    content['M'][0] = np.eye(4).tolist()
    path.write_text(json.dumps(content))
    refused(path, "camera 'cam0': K is no matrix of intrinsics")


def test_multical_with_a_master(tmp_path):
    written = write_multical(tmp_path)
    content = json.loads(written.path.read_text())
    poses = content['camera_poses']
    content['camera_poses'] = {
        'cam1': dict(R=np.eye(3).tolist(), T=[0, 0, 0]),
        'cam2_to_cam1': poses['cam2'],
        'cam3_to_cam1': poses['cam3'],
    }
    written.path.write_text(json.dumps(content))
    cameras, _ = read(written.path, unit='m')
    np.testing.assert_allclose(cameras['cam3'].t, poses['cam3']['T'])
    del content['camera_poses']['cam2_to_cam1']
    content['poses_of_rig'] = [1]
    written.path.write_text(json.dumps(content))
    refused(written.path, "'poses_of_rig' may hold the poses.*cam2", unit='m')


def test_mc_calib_says_what_it_cannot_be(tmp_path):
    path = write_mc_calib(tmp_path).path
    edit(path, ('nb_camera: 2', 'nb_camera: 2\nnote: 1'))
    assert read(path, unit='cm')[1].endswith('not used: note')
    edit(path, ('camera_group: 0', 'camera_group: 1'))
    refused(path, 'several groups', unit='cm')
    edit(path, ('distortion_type: 1', 'distortion_type: 2'))
    refused(path, 'distortion_type 2', unit='cm')
    edit(path, ('   distortion_type: 2\n', ''))
    refused(path, 'distortion_type None', unit='cm')


@pytest.mark.parametrize(
    'change, message',
    [
        (('camera_model: pinhole', 'camera_model: omni'), "'omni' is not supported"),
        (('camera_model: pinhole', 'camera_model: eucm'), "'eucm' is not supported"),
        (('distortion_model: radtan', 'distortion_model: fov'), "'fov' is not known"),
        (('intrinsics: [', 'intrinsics: [0.9, '), '5 intrinsics'),
        (('T_cn_cnm1:\n', 'T_cn_cnm1:\n  - [0, 0, 0, 1]\n'), 'T_cn_cnm1 has shape'),
    ],
)
def test_kalibr_says_what_it_cannot_be(tmp_path, change, message):
    path = write_kalibr(tmp_path).path
    edit(path, change)
    refused(path, message)


@pytest.mark.parametrize('entry', ['', ' null', ' [1]', ' {camera_model: pinhole}'])
def test_a_camera_of_kalibr_without_intrinsics(tmp_path, entry):
    path = write_kalibr(tmp_path).path
    path.write_text(f'{path.read_text().partition("cam2:")[0]}cam2:{entry}\n')
    refused(path, "camera 'cam2': has no intrinsics")


def test_a_broken_chain(tmp_path):
    path = write_kalibr(tmp_path).path
    edit(path, ('cam1:\n  T_cn_cnm1:', 'note: 1\ncam1:\n  T_cn:'))
    refused(path, "camera 'cam1': 'T_cn' may be the pose")


def test_a_chain_from_the_imu(tmp_path):
    path = write_kalibr(tmp_path).path
    edit(path, ('cam0:\n', f'cam0:\n  T_cam_imu: {np.eye(4).tolist()}\n'))
    assert 'T_cam_imu (of cam0)' in read(path)[1]
    text = path.read_text().replace('T_cn_cnm1', 'T_cam_imu') + 'body: 1\n'
    path.write_text(text)
    cameras, said = read(path)
    assert all(camera.has_pose for camera in cameras.values())
    assert 'body' in said


def test_camera_info_as_a_message_and_of_a_part(tmp_path):
    path = tmp_path / 'info.yaml'
    path.write_text(
        'header: {frame_id: left}\nheight: 480\nwidth: 640\n'
        'distortion_model: plumb_bob\nD: [0.1, 0.0, 0.0, 0.0, 0.0]\n'
        f'K: {np.ravel(K).tolist()}\nR: {np.eye(3).ravel().tolist()}\n'
        f'P: {[0] * 12}\nbinning_x: 0\nbinning_y: 0\n'
        'roi: {x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false}\n'
    )
    cameras, said = read(path)
    assert not cameras['info'].has_pose and cameras['info'].image_size == (640, 480)
    assert 'no pose' in said and 'rectification_matrix' in said
    edit(path, ('binning_x: 0', 'binning_x: 2'))
    refused(path, 'binning or roi')


@pytest.mark.parametrize('end', ['---\n', '---', '--- \r\n\r\n'])
def test_camera_info_as_it_is_printed(tmp_path, end):
    write_ros(tmp_path)
    path = tmp_path / 'ost.yaml'
    expected, _ = read(path)
    text = path.read_text()
    path.write_bytes(f'{text}{end}'.encode())
    cameras, _ = read(path)
    np.testing.assert_array_equal(cameras['left'].K, expected['left'].K)
    path.write_text(f'{text}---\n{text}---\n')
    refused(path, 'expected a single document')


def test_xrprimer_says_what_it_cannot_be(tmp_path):
    write_xrprimer(tmp_path)
    path = tmp_path / '0.json'
    content = json.loads(path.read_text())
    for key, value in (
        ('convention', 'pytorch3d'),
        ('class_name', 'OmniCameraParameter'),
        ('world2cam', 'yes'),
    ):
        path.write_text(json.dumps({**content, key: value}))
        refused(path, f"{key} '{value}'", unit='m')
    k33 = np.array(content['intrinsic'])[:2, :3].tolist() + [[0, 0, 1]]
    path.write_text(json.dumps({**content, 'intrinsic': k33, 'world2cam': True}))
    cameras, _ = read(path, unit='m')
    np.testing.assert_allclose(cameras['kinect_00'].t, content['extrinsic_t'])
    # of the same directory as one that says cam2world
    refused(tmp_path, 'another meaning', unit='m')


def test_an_intrinsic_matrix_that_is_not_transposed(tmp_path):
    path = tmp_path / 'cam0.yml'
    dist = matrix([0.1, 0, 0, 0, 0])
    path.write_text(f'{HEADER}intrinsicMatrix:{matrix(K)}distortionCoefficients:{dist}')
    cameras, _ = read(path)
    np.testing.assert_array_equal(cameras['cam0'].K, K)


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda c: c['frames'][0].pop('fl_x'), r'frames\[0\].*no fl_x'),
        (lambda c: c['frames'][0].pop('file_path'), 'no file_path'),
        (lambda c: c['frames'][0].update(cx=None), 'no numbers'),
        (lambda c: c.update(camera_model='EQUIRECTANGULAR'), 'is not supported'),
        (lambda c: c.update(k4=0.1), 'k4 of this model'),
        (lambda c: c['frames'][1]['transform_matrix'][0].__setitem__(3, 9), 'poses'),
        (lambda c: c['frames'][1].update(fl_x=9), 'different intrinsics'),
        (
            lambda c: c['frames'][1].update(distortion_params=[0.1, 0.2]),
            r'frames\[1\], distortion_params: should be the 6 numbers k1, k2',
        ),
        (lambda c: c.update(distortion_params=[0.1] * 6), "the top: 'k1' differs"),
    ],
)
def test_nerfstudio_says_what_it_cannot_be(tmp_path, change, message):
    path = write_nerfstudio(tmp_path).path
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    refused(path, message, unit='m')


@pytest.mark.parametrize(
    'model, listed, dist',
    [
        ('OPENCV', [0.1, 0.2, 0.3, 0, 0.01, 0.02], [0.1, 0.2, 0.01, 0.02, 0.3]),
        ('OPENCV_FISHEYE', [0.1, 0.2, 0.3, 0.4, 0, 0], [0.1, 0.2, 0.3, 0.4]),
    ],
)
@pytest.mark.parametrize('of_frames', [True, False])
def test_coefficients_of_nerfstudio_in_a_list(tmp_path, of_frames, model, listed, dist):
    path = write_nerfstudio(tmp_path).path
    content = json.loads(path.read_text())
    for key in ('k1', 'k2', 'p1', 'p2'):
        del content[key]
    for part in content['frames'] if of_frames else [content]:
        part['distortion_params'] = listed
    path.write_text(json.dumps(dict(content, camera_model=model)))
    cameras, said = read(path, unit='m')
    for camera in cameras.values():
        np.testing.assert_array_equal(camera.dist, dist)
    assert said.endswith('not used: applied_scale')


def test_paths_of_nerfstudio_on_windows_are_paths(tmp_path):
    path = write_nerfstudio(tmp_path).path
    content = json.loads(path.read_text())
    content['frames'] = content['frames'][::2]
    for frame, name in zip(content['frames'], ('left', 'right')):
        frame['file_path'] = f'images\\{name}.png'
    path.write_text(json.dumps(content))
    assert list(read(path, unit='m')[0]) == ['left', 'right']


def test_images_of_one_folder_are_cameras(tmp_path):
    path = write_nerfstudio(tmp_path).path
    content = json.loads(path.read_text())
    content['frames'] = content['frames'][::2]
    for frame, name in zip(content['frames'], ('left', 'right')):
        frame.update(file_path=f'images/{name}.png', sharpness=1)
    content.update(camera_model='OPENCV_FISHEYE', k3=0.1, k4=0.2, p1=0, p2=0)
    path.write_text(json.dumps(content))
    cameras, said = read(path, unit='m')
    assert list(cameras) == ['left', 'right'] and 'sharpness' in said
    np.testing.assert_array_equal(cameras['left'].dist, [-0.1, 0.03, 0.1, 0.2])


@pytest.mark.parametrize(
    'name, change, message',
    [
        ('images.txt', (' 2 cam1', ' 9 cam1'), 'camera 9 is not in cameras.txt'),
        ('images.txt', ('\n\n', '\n'), 'line 3: an image where its points'),
        ('images.txt', ('2 0.', '2 x'), 'line 2: not an image'),
        ('cameras.txt', ('OPENCV 640', 'OPENCV wide'), 'line 2: not a camera'),
        ('cameras.txt', ('OPENCV 640 480 600.0', 'OPENCV 640 480 nan'), '8 parameters'),
    ],
)
def test_colmap_says_what_it_cannot_be(tmp_path, name, change, message):
    path = write_colmap(tmp_path, make_cameras())
    edit(path / name, change)
    refused(path, message, unit='m')


def test_colmap_without_a_rotation_or_a_file(tmp_path):
    path = write_colmap(tmp_path, make_cameras())
    (path / 'images.txt').write_text('1 0 0 0 0 0 0 1 1 cam0/1.jpg\n\n')
    refused(path, 'the quaternion is zero', unit='m')
    (path / 'images.txt').write_text('1 1 0 0 0 0 0 1 1 cam0/1.jpg\n\n')
    (path / 'notes.txt').write_text('')
    _, said = read(path / 'cameras.txt', unit='m')
    assert 'no image has camera 2 of cameras.txt' in said and 'notes' not in said
    assert 'not used: notes.txt' in read(path, unit='m')[1]
    (path / 'images.txt').unlink()
    refused(path, 'images.txt: is not there.*model_converter', unit='m')


def test_a_binary_model_is_named(tmp_path):
    (tmp_path / 'cameras.bin').write_bytes(b'\1')
    refused(tmp_path, 'model_converter')


def test_what_anipose_says_of_its_calibration_is_no_remark(tmp_path):
    path = write_toml(tmp_path / 'a.toml', make_cameras(1))
    text = path.read_text()
    assert 'error = ' in text and read(path, unit='m')[1] == ''
    path.write_text(text + 'scale = 2\n')
    assert 'not used: metadata' in read(path, unit='m')[1]
    path.write_text('metadata = 1\n' + text.replace('[metadata]', '[other]'))
    assert 'not used: metadata, other' in read(path, unit='m')[1]


def test_what_caliscope_has_not_found(tmp_path):
    path = write_caliscope(tmp_path).path
    lines = path.read_text().splitlines()
    for key in ('translation', 'rotation', 'exposure'):
        at = [i for i, line in enumerate(lines) if line.startswith(f'{key} =')][-1]
        lines[at] = f'{key} = "null"'
    lines += ['[cameras.3]', 'size = [640, 480]', 'matrix = "null"']
    lines += ['distortions = "null"', 'rotation = "null"', 'translation = "null"']
    path.write_text('\n'.join(lines))
    cameras, said = read(path, unit='m')
    assert list(cameras) == ['1', '2'] and 'exposure (of 1)' in said
    assert cameras['1'].has_pose and not cameras['2'].has_pose
    assert cameras['2'].has_intrinsics and cameras['2'].dist.any()
    assert 'camera 3 is left out: it has no intrinsics' in said


def test_toml_of_other_tables(tmp_path):
    path = write_toml(tmp_path / 'a.toml', make_cameras(1))
    text = path.read_text().replace('[cam_0]', '[cameras.cam_0]')
    path.write_text(f'made = 1\n{text}')
    assert 'not used: made, metadata' in read(path, unit='m')[1]
    path.write_text(f'[left]\nK = {K}\n')
    assert list(read(path)[0]) == ['left']


# What is said elsewhere


def test_options_that_say_another_thing_than_the_file(tmp_path):
    path = write_mc_calib(tmp_path).path
    as_defined, _ = read(path, unit='cm')
    cameras, said = read(path, unit='cm', extrinsics='world2cam', axes='opengl')
    assert 'says extrinsics cam2world; --extrinsics world2cam is not used' in said
    assert '--axes opengl is not used' in said
    np.testing.assert_array_equal(cameras['camera_1'].t, as_defined['camera_1'].t)
    path = write_toml(tmp_path / 'a.toml', make_cameras())
    cameras, said = read(path, unit='m', extrinsics='cam2world')
    assert '--extrinsics cam2world is used' in said
    np.testing.assert_allclose(cameras['cam0'].R, make_cameras()['cam0'].R.T, atol=1e-9)
    path = write_hanco(tmp_path / 'a.json', make_cameras())
    cameras, said = read(path, unit='mm')
    assert 'says unit m; --unit mm is used' in said
    assert np.linalg.norm(cameras['cam0'].t) < 0.01


def test_npz_with_poses_of_boards(tmp_path):
    write_npz(tmp_path)
    np.savez(tmp_path / 'b.npz', mtx=np.array(K), rvecs=np.zeros((4, 3, 1)))
    cameras, said = read(tmp_path / 'b.npz')
    assert not cameras['b'].has_pose and 'not used: rvecs (of b)' in said


@pytest.mark.parametrize(
    'lens', [dict(distortion_model='fisheye'), dict(camera_model='OPENCV_FISHEYE')]
)
def test_npz_with_text(tmp_path, lens):
    path = tmp_path / 'cam0.npz'
    np.savez(path, K=np.array(K), dist=FISHEYE, **POSE, **lens)
    cameras, said = read(path, extrinsics='world2cam', unit='m')
    assert cameras['cam0'].distortion_model == 'fisheye' and not said


def test_npz_that_says_what_it_means(tmp_path):
    path = tmp_path / 'cam0.npz'
    meaning = dict(extrinsics='centre', unit='mm')
    np.savez(path, fx=500, fy=510, cx=320.0, cy=240, **POSE, **meaning)
    cameras, said = read(path)
    np.testing.assert_array_equal(cameras['cam0'].K, K)
    np.testing.assert_allclose(cameras['cam0'].t, [0, 0, -1e-3])
    assert not said


def test_stereo_without_extrinsics(tmp_path):
    storage = cv2.FileStorage(str(tmp_path / 'a.yml'), cv2.FILE_STORAGE_WRITE)
    for key in ('K1', 'K2'):
        storage.write(key, np.array(K, float))
    storage.release()
    cameras, _ = read(tmp_path / 'a.yml')
    assert [camera.has_pose for camera in cameras.values()] == [False, False]


@pytest.mark.parametrize(
    'names',
    [
        ('K1', 'D1', 'K2', 'D2', 'R', 'T'),
        ('K1', 'd1', 'K2', 'd2', 'R', 't'),
        ('M1', 'distCoeffs1', 'M2', 'distCoeffs2', 'R', 'T'),
        ('mtx1', 'dist1', 'mtx2', 'dist2', 'R', 'T'),
    ],
)
def test_names_of_a_stereo_file(tmp_path, names):
    values = (K, BROWN, 2 * np.array(K) - np.diag([0, 0, 1]), BROWN[:4])
    pose = (np.diag([1, -1, -1]), [0.1, 0, 0.5])
    content = dict(zip(names, (*values, *pose)), img_size=[640, 480])
    np.savez(tmp_path / 'stereo.npz', E=np.eye(3), P1=np.eye(3, 4), **content)
    cameras, said = read(tmp_path / 'stereo.npz', unit='m')
    np.testing.assert_array_equal(cameras['cam0'].dist, BROWN)
    np.testing.assert_array_equal(cameras['cam1'].dist, BROWN[:4])
    np.testing.assert_array_equal(cameras['cam1'].K, values[2])
    np.testing.assert_allclose(cameras['cam1'].t, pose[1])
    assert cameras['cam0'].image_size == (640, 480)
    assert said.endswith('not used: E, P1')


def test_a_stereo_file_whose_lens_has_another_name(tmp_path):
    path = tmp_path / 'stereo.npz'
    content = dict(K1=K, K2=K, R=np.eye(3), T=[1, 0, 0], P1=np.eye(3, 4))
    np.savez(path, distL=BROWN, distR=BROWN, **content)
    refused(path, "'distL' may hold the lenses.*cam0, cam1", unit='m')
    np.savez(path, **content)
    assert read(path, unit='m')[1].endswith('not used: P1')


def test_no_camera_says_what_is_there(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text(json.dumps(dict(info=1)))
    with pytest.warns(CalibrationWarning, match='not used: info'):
        refused_without = pytest.raises(CalibrationError, match='has no camera')
        with refused_without:
            read_calibration(path)


def test_ros_without_its_name(tmp_path):
    path = write_ros(tmp_path).path
    edit(path, ('camera_name: left\n', ''))
    assert list(read(path)[0]) == ['ost']


def test_a_camera_that_is_read_alone_says_it_too():
    with pytest.warns(CalibrationWarning, match=r'somewhere: not used: rms \(of a\)'):
        camera_from_fields(Path('somewhere'), 'a', dict(K=K, rms=0.2))


def test_tables_that_are_lists(tmp_path):
    path = tmp_path / 'rig.json'
    cameras = [dict(name=name, K=K) for name in ('a', 'b')]
    path.write_text(json.dumps(dict(cameras=cameras, T=dict(a=[1, 2, 3], b=[1, 2, 4]))))
    refused(path, 'a rotation without a translation')


def test_easymocap_with_other_keys(tmp_path):
    write_easymocap(tmp_path)
    edit(tmp_path / 'intri.yml', ('K_01', 'ccm_01: 1\r\nK_01'))
    assert read(tmp_path, unit='m')[1].endswith('not used: ccm_01')


def test_rig_files_of_this_package(tmp_path):
    """A key that is there twice is found there too."""
    path = tmp_path / 'rig.json'
    path.write_text('{"images": [], "cameras": {"a": {}, "a": {}}, "annotations": []}')
    with pytest.raises(ValueError, match="'a' is there twice"):
        read_annotations(path)
