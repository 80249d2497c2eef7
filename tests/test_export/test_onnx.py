"""ONNX files compute what the networks do, in onnxruntime and numpy."""

import copy
import json
import runpy
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
import torch
from full_disk import full_disk
from small_networks import SIZE, build_model, model_config, time_step

from hamuco_mm.cameras.mirroring import mirror_points
from hamuco_mm.export.onnx_file import (
    export_onnx,
    largest_differences,
    uses_viewing_ray,
)
from hamuco_mm.export.onnx_graphs import MultiViewGraph, SingleViewGraph
from hamuco_mm.geometry import viewing_ray_rotation
from hamuco_mm.hand_model import PARAMETER_SIZES, HandParameters, MANOLayer

STAGES = ('', '_interact', '_fused')


def predictions(model, crops, samples) -> list:
    """What ``test_step`` says of BGR crops."""
    inputs = [torch.from_numpy(crop.transpose(2, 0, 1).copy()) for crop in crops]
    samples = copy.deepcopy(samples)
    with torch.no_grad():
        data = model.data_preprocessor(dict(inputs=inputs, data_samples=samples))
        results = model.predict(data['inputs'], data['data_samples'])
    return [result.pred_instances for result in results]


def rgb(crops) -> np.ndarray:
    return crops[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32)


def assert_parameters_give_the_meshes(outputs, side='right'):
    """Of the stages in which each view has a hand of its own."""
    for stage in ('', '_interact'):
        hands = HandParameters(
            *(torch.as_tensor(outputs[name + stage]) for name in PARAMETER_SIZES)
        )
        mesh = hands.mesh(MANOLayer(side=side))
        np.testing.assert_allclose(
            mesh.vertices, outputs[f'vertices{stage}'], atol=1e-5
        )


@pytest.mark.parametrize('num_views', [1, 3])
def test_graph_is_what_the_estimator_predicts(model, num_views):
    crops, samples, rotations = time_step(num_views)
    graph = MultiViewGraph(model)
    with torch.no_grad():
        outputs = graph(
            torch.from_numpy(rgb(crops)), torch.from_numpy(rotations).float()
        )
    outputs = dict(zip(graph.output_names, outputs))
    assert len(outputs) == 2 * 9 + 3
    assert_parameters_give_the_meshes(outputs)
    for row, pred in enumerate(predictions(model, crops, samples)):
        for stage in STAGES:
            for name in ('keypoints', 'keypoints_cam', 'vertices'):
                np.testing.assert_allclose(
                    outputs[name + stage][row],
                    pred.get(name + stage)[0],
                    atol=1e-4 if name == 'keypoints' else 1e-6,
                )
    # the stages differ, so that none can stand for another
    assert np.abs(outputs['vertices'] - outputs['vertices_interact']).max() > 1e-3


def test_network_that_sees_bgr():
    config = model_config()
    config['data_preprocessor']['bgr_to_rgb'] = False
    model = build_model(config)
    crops, samples, _ = time_step(2)
    with torch.no_grad():
        vertices = SingleViewGraph(model)(torch.from_numpy(rgb(crops)))[2]
    np.testing.assert_allclose(
        vertices[0], predictions(model, crops, samples)[0].vertices[0], atol=1e-6
    )


def test_models_that_cannot_be_exported(model, tmp_path):
    with pytest.raises(ValueError, match='a MANOHead is needed'):
        SingleViewGraph(torch.nn.Linear(1, 1))
    single = build_model(
        dict(
            type='TopdownPoseEstimator',
            backbone=model_config()['backbone'],
            head=model_config()['head'],
        )
    )
    with pytest.raises(ValueError, match='sees views one by one'):
        MultiViewGraph(single)
    config = model_config()
    del config['head']['decoder']
    with pytest.raises(ValueError, match='model.head.decoder='):
        SingleViewGraph(build_model(config))
    with pytest.raises(ValueError, match='opset 11 is too old'):
        export_onnx(SingleViewGraph(model), tmp_path / 'a.onnx', opset=11)


@pytest.mark.slow
def test_a_network_that_finds_no_room(model, tmp_path):
    for package in ('onnx', 'onnxscript'):
        pytest.importorskip(package)
    with full_disk(tmp_path, 'disk') as disk:
        path = disk.folder / 'hand.onnx'
        path.write_bytes(b'old')
        with pytest.raises(
            OSError, match=f'{path} cannot be written, the disk is full'
        ):
            export_onnx(SingleViewGraph(model), path)
        assert list(disk.folder.iterdir()) == [path] and path.read_bytes() == b'old'


def test_configs_with_viewing_rays():
    for steps, expected in (('ViewingRayRotation',), True), ((), False):
        pipeline = [dict(type=name) for name in ('LoadImage', *steps)]
        dataset = dict(type='MultiViewDataset', dataset=dict(pipeline=pipeline))
        cfg = dict(test_dataloader=dict(dataset=dataset))
        assert uses_viewing_ray(cfg) == expected
    assert not uses_viewing_ray({})


@pytest.fixture(scope='module')
def demo(repository):
    pytest.importorskip('onnxruntime')
    return runpy.run_path(str(repository / 'demo' / 'onnx_demo.py'))


@pytest.mark.slow
def test_files_compute_the_same_for_any_number_of_views(files, model):
    for name, build in (('single', SingleViewGraph), ('multi', MultiViewGraph)):
        graph = build(model)
        differences = largest_differences(graph, files / f'{name}.onnx', (1, 2, 4, 8))
        assert set(differences) == set(graph.output_names)
        for output, value in differences.items():
            # pixels and cameras: of values up to some hundreds
            metres = output.startswith(('keypoints_cam', 'vertices'))
            assert value < (1e-5 if metres else 1e-3), output
    other = SingleViewGraph(
        build_model(
            model_config(
                head=dict(model_config()['head'], pool_size=1, hidden_channels=16)
            )
        )
    )
    with pytest.raises(ValueError, match='does not compute what'):
        largest_differences(other, files / 'single.onnx', (1,))


@pytest.mark.slow
def test_a_network_that_can_see_neighbours_sees_one_time_step(tmp_path):
    pytest.importorskip('onnxruntime')
    config = model_config()
    config['view_neck']['temporal_layer'] = dict(type='FrameAttention')
    graph = MultiViewGraph(build_model(config))
    export_onnx(graph, tmp_path / 'multi.onnx')
    differences = largest_differences(graph, tmp_path / 'multi.onnx', (1, 3))
    assert differences['vertices_fused'] < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize('side', ['right', 'left'])
def test_demo_predicts_as_the_estimator(files, demo, model, side):
    """Of a left hand, the mirror image of what the mirror image shows."""
    crops, samples, rotations = time_step(3)
    expected = predictions(model, crops, samples)
    images = list(crops)
    if side == 'left':
        flip = np.diag([-1.0, 1, 1])
        images = [image[:, ::-1] for image in images]
        rotations = flip @ rotations @ flip
    # MMPose's box of a crop that is the whole image
    boxes = [(0, 0, *SIZE)] * 3
    if side == 'left':
        boxes = [(-1, 0, SIZE[0] - 1, SIZE[1])] * 3
    network = demo['HandNetwork'](files / 'multi.onnx')
    outputs = network(images, boxes, side, rotations)
    for row, pred in enumerate(expected):
        for stage in STAGES:
            pixels = pred.get(f'keypoints{stage}')[0].copy()
            vertices = pred.get(f'vertices{stage}')[0]
            if side == 'left':
                pixels[:, 0] = SIZE[0] - 1 - pixels[:, 0]
                vertices = mirror_points(vertices)
            np.testing.assert_allclose(
                outputs[f'keypoints{stage}'][row], pixels, atol=2e-3
            )
            np.testing.assert_allclose(
                outputs[f'vertices{stage}'][row], vertices, atol=1e-4
            )
    assert_parameters_give_the_meshes(outputs, side)
    faces = network.mesh_faces(side)
    a, b, c = outputs['vertices'][0][faces].transpose(1, 0, 2)
    middle = outputs['vertices'][0].mean(axis=0)
    # outward normals: a closed surface has a positive volume
    assert np.einsum('ij,ij->i', np.cross(b - middle, c - middle), a - middle).sum() > 0


@pytest.mark.slow
@pytest.mark.parametrize('side', ['right', 'left'])
def test_demo_with_viewing_rays(files, demo, model, side):
    """The crop's frame is turned against the camera's, as PyTorch has it."""
    crops, samples, rotations = time_step(3)
    # far off the axis, so that forgetting it shows
    K = np.array(
        [
            [[60.0, 0, 90 - 20 * view], [0, 60, 5 + 30 * view], [0, 0, 1]]
            for view in range(3)
        ]
    )
    for sample, intrinsics in zip(samples, K):
        sample.set_metainfo(
            dict(
                R_cam2ray=viewing_ray_rotation(
                    torch.tensor(SIZE).double() / 2, torch.from_numpy(intrinsics)
                )
                .float()
                .numpy()
            )
        )
    expected = predictions(model, crops, samples)
    images, boxes = list(crops), [(0, 0, *SIZE)] * 3
    if side == 'left':
        flip = np.diag([-1.0, 1, 1])
        images = [image[:, ::-1] for image in images]
        boxes = [(-1, 0, SIZE[0] - 1, SIZE[1])] * 3
        rotations = flip @ rotations @ flip
        K[:, 0, 2] = SIZE[0] - 1 - K[:, 0, 2]
    network = demo['HandNetwork'](files / 'multi.onnx')
    assert network.in_camera_frame(K) and not network.in_camera_frame(None)
    outputs = network(images, boxes, side, rotations, K)
    for row, pred in enumerate(expected):
        for name in ('keypoints_cam', 'vertices'):
            for stage in STAGES:
                points = pred.get(name + stage)[0]
                if side == 'left':
                    points = mirror_points(points)
                np.testing.assert_allclose(
                    outputs[name + stage][row], points, atol=1e-4
                )
    assert_parameters_give_the_meshes(outputs, side)
    without = network(images, boxes, side, rotations)
    assert np.abs(without['vertices'] - outputs['vertices']).max() > 0.01
    # a network of on-axis hands does not care
    network.viewing_ray = False
    assert network.in_camera_frame(None)
    plain = network(images, boxes, side, rotations, K)
    np.testing.assert_array_equal(plain['vertices'], without['vertices'])


@pytest.mark.parametrize(
    ('content', 'cameras', 'said'),
    [
        ('K = 500', [], 'calib.json is not JSON'),
        ('{"K": {"0": [[1, 0], [0, 1]]}}', [], '"K" is no list with a matrix of 3 x 3'),
        ('{"K": [[1, 2], [3]]}', [], '"K" is no list with a matrix of 3 x 3'),
        ('{"K": 500}', [], '"K" is no list with a matrix of 3 x 3'),
        (
            '{"K": [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]]}',
            ['--cameras', '-1'],
            r'1 images, cameras \[-1\], but calib.json has 1',
        ),
    ],
)
def test_demo_names_what_is_wrong_with_a_calibration(
    demo, tmp_path, monkeypatch, content, cameras, said
):
    """-1 would be the last camera."""
    for name in ('hand.onnx', 'hand.png'):
        (tmp_path / name).touch()
    (tmp_path / 'calib.json').write_text(content)
    monkeypatch.chdir(tmp_path)
    command = ['onnx_demo.py', 'hand.onnx', 'hand.png', '--calib', 'calib.json']
    monkeypatch.setattr(sys, 'argv', [*command, *cameras])
    args = demo['parse_args']()
    with pytest.raises(SystemExit, match=said):
        demo['read_calibration'](args, multi_view=False)


def test_demo_wants_a_box_with_an_inside(demo, tmp_path, monkeypatch, capsys):
    for name in ('hand.onnx', 'hand.png'):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    for box in ('60 20 10 80', '10 80 60 80'):
        monkeypatch.setattr(
            sys,
            'argv',
            ['onnx_demo.py', 'hand.onnx', 'hand.png', '--bbox', *box.split()],
        )
        with pytest.raises(SystemExit):
            demo['parse_args']()
        assert f'X1 < X2 and Y1 < Y2, got {box}' in capsys.readouterr().err


def test_demo_says_in_words_what_it_cannot_use(demo, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'hand.onnx').write_text('<html>404</html>')
    (tmp_path / 'taken').touch()
    cv2.imwrite('hand.png', np.zeros((80, 120, 3), np.uint8))

    def ends(*arguments):
        command = ['onnx_demo.py', 'hand.onnx', 'hand.png', *arguments]
        monkeypatch.setattr(sys, 'argv', command)
        with pytest.raises(SystemExit) as end:
            demo['main']()
        return f'{end.value}{capsys.readouterr().err}'

    assert 'onnxruntime cannot read hand.onnx' in ends()
    assert 'no folder taken can be made: File exists' in ends('--out-dir', 'taken')
    parts = ends('--bbox', '0.2', '0.1', '0.8', '1')
    assert '--bbox has no coordinate above 1: parts of the image' in parts
    monkeypatch.setitem(demo['main'].__globals__, 'HandNetwork', lambda path: None)
    outside = ends('--bbox', '120', '10', '180', '60')
    assert '--bbox is outside of hand.png, which is 120 x 80 pixels' in outside


@pytest.mark.parametrize(
    'lens, refused',
    [
        (dict(dist=[[0, 0, 0, 0], [-0.3, 0.1, 0, 0]]), True),
        (dict(dist=[[], [0.1]]), True),
        (dict(distortion_model='fisheye'), True),
        (dict(cameras=dict(left=dict(dist=[0.1, 0, 0, 0]))), True),
        (dict(dist=[[], [0, 0, 0, 0]], distortion_model='opencv'), False),
        ({}, False),
    ],
)
def test_demo_refuses_lenses(demo, tmp_path, monkeypatch, lens, refused):
    """It would take distorted images for straight ones."""
    for name in ('hand.onnx', 'hand.png'):
        (tmp_path / name).touch()
    K = np.diag([500.0, 500, 1])
    content = dict(K=[K.tolist()] * 2, M=[np.eye(4).tolist()] * 2, **lens)
    (tmp_path / 'calib.json').write_text(json.dumps(content))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        sys, 'argv', ['onnx_demo.py', 'hand.onnx', 'hand.png', '--calib', 'calib.json']
    )
    args = demo['parse_args']()
    if refused:
        with pytest.raises(SystemExit, match='calib.json has cameras with lens'):
            demo['read_calibration'](args, multi_view=True)
    else:
        rotations, intrinsics = demo['read_calibration'](args, multi_view=True)
        np.testing.assert_array_equal(rotations, [np.eye(3)])
        np.testing.assert_array_equal(intrinsics, [K])


@pytest.mark.slow
def test_interrupted_demo_command(files, repository, tmp_path):
    """Ctrl-C ends it in words; what it wrote is whole."""
    cv2.imwrite(str(tmp_path / 'hand.png'), time_step(1)[0][0])
    process = subprocess.Popen(
        [sys.executable, repository / 'demo/onnx_demo.py', files / 'single.onnx']
        + ['hand.png'] * 500,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        # jobs in the background of a shell, as these tests may be, ignore it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    results = tmp_path / 'onnx_results'
    deadline = time.monotonic() + 60
    while not list(results.glob('*.obj')):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.strip() == 'Interrupted; what was written is whole.'
    assert not list(results.glob('*.part'))


@pytest.mark.slow
def test_demo_command_needs_no_torch(files, repository, tmp_path):
    crops, _, rotations = time_step(2)
    for row, crop in enumerate(crops):
        cv2.imwrite(str(tmp_path / f'view{row}.png'), crop)
    matrices = np.tile(np.eye(4), (3, 1, 1))
    matrices[[2, 0], :3, :3] = rotations
    (tmp_path / 'calib.json').write_text(json.dumps(dict(M=matrices.tolist())))
    code = (
        'import runpy, sys\n'
        f'sys.argv = ["onnx_demo", {str(files / "multi.onnx")!r}, "view0.png",'
        ' "view1.png", "--calib", "calib.json", "--cameras", "2", "0"]\n'
        f'runpy.run_path({str(repository / "demo/onnx_demo.py")!r}, '
        'run_name="__main__")\n'
        'assert not {"torch", "hamuco_mm", "mmpose"} & set(sys.modules)'
    )
    subprocess.run([sys.executable, '-c', code], cwd=tmp_path, check=True)
    results = tmp_path / 'onnx_results'
    content = json.loads((results / 'predictions.json').read_text())
    assert [image['image'] for image in content['images']] == ['view0.png', 'view1.png']
    joints = np.array(content['images'][1]['keypoints_cam_fused'])
    assert joints.shape == (21, 3) and np.abs(joints[9]).max() < 1e-6
    # the network has viewing rays, the calibration no intrinsics
    assert 'metres' in content['conventions']['keypoints_cam']
    assert 'the frame of the crop' in content['conventions']['keypoints_cam']
    assert (results / '0_view0.png').is_file()
    lines = (results / '1_view1.obj').read_text().splitlines()
    assert [
        len([line for line in lines if line.startswith(kind)]) for kind in ('v ', 'f ')
    ] == [778, 1538]
