"""Whatever a full disk has no room for is named, leaves what was there and nothing
half, and is written when there is room."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from full_disk import FullDisk, LimitedFiles, full_disk
from hanco_tree import HanCoTree
from hand_samples import make_sample, posed_hands
from matplotlib.figure import Figure
from mmpose.registry import METRICS

from hamuco_mm.apis.inferencers.result_files import PictureFiles, PredictionFiles
from hamuco_mm.cameras import Camera
from hamuco_mm.cameras.files.writing import write_calibration
from hamuco_mm.datasets import HanCoDataset
from hamuco_mm.datasets.labels.hand_label import HandLabel
from hamuco_mm.datasets.rig.extraction import write_frames
from hamuco_mm.datasets.rig.recordings import open_recording
from hamuco_mm.export.animation import write_animation
from hamuco_mm.export.hand_table import HandTable
from hamuco_mm.export.joints import write_joints_json, write_joints_npz
from hamuco_mm.export.meshes import write_mesh
from hamuco_mm.hand_model import load_hand_model
from hamuco_mm.labelling.hanco_labels import HanCoLabels
from hamuco_mm.labelling.shards import Shards
from hamuco_mm.structures import PredictedViews, Stage
from hamuco_mm.synthesis import DatasetConfig, generate_dataset
from hamuco_mm.synthesis.rig import RigConfig
from hamuco_mm.synthesis.rig_recording import write_recording
from hamuco_mm.synthesis.scene import SceneConfig
from hamuco_mm.synthesis.scene_generator import SceneGenerator
from hamuco_mm.utils.checkpoint_files import write_checkpoint
from hamuco_mm.utils.files import write_atomically
from hamuco_mm.utils.image_files import write_figure, write_picture
from hamuco_mm.utils.json_files import write_json
from hamuco_mm.visualization.page_3d import write_page

NOISE = np.random.default_rng(0)
HAND = load_hand_model()
PICTURE = NOISE.integers(0, 256, (96, 96, 3), np.uint8)


@pytest.fixture(scope='module')
def samples() -> list:
    made = []
    for view, (vertices, joints) in enumerate(zip(*posed_hands(2))):
        noise = (0.005, 0.004, 0.003)
        sample = make_sample(vertices, joints, 0, view, 2, noise)
        camera = dict(K=np.diag([500.0, 500, 1]), R=np.eye(3), t=np.zeros(3))
        sample.set_metainfo(dict(camera_param=camera, ori_shape=(224, 224)))
        made.append(sample.to_dict())
    return made


@pytest.fixture(scope='module')
def tree(tmp_path_factory) -> HanCoTree:
    return HanCoTree(tmp_path_factory.mktemp('hanco'), sequences={0: 30})


@pytest.fixture(scope='module')
def frames(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp('frames')
    cv2.imwrite(str(folder / '0.png'), PICTURE)
    return folder


def dumped(name: str):
    def dump(path, samples, **_):
        metric = METRICS.build(dict(type=name, out_file_path=str(path)))
        metric.process(None, samples)
        metric.evaluate(len(samples))

    return dump


def labels_of(path, tree, **_):
    label = HandLabel(NOISE.normal(size=(21, 2)), NOISE.random(21))
    writer = HanCoLabels(tree.root, path, overwrite=True)
    writer.write(((i, label) for i in range(len(writer.images))), dict())


def shards_of(path, **_):
    shards = Shards(path.parent, ['a'], dict(), size=1)
    shards.write(0, dict(keypoints=NOISE.normal(size=(99, 21, 2))))


def mesh_of(path, **_):
    write_mesh(path, HAND.v_template.astype(float), HAND.faces)


def animation_of(path, **_):
    write_animation(path, {0: HAND.v_template.astype(float)}, HAND.faces, 25)


def page_of(path, samples, **_):
    write_page(path, PredictedViews.from_samples(samples), HAND.faces, '')


def figure_of(path, **_):
    figure = Figure()
    figure.add_subplot().plot([1, 2])
    write_figure(path, figure)


def pictures_of(path, **_):
    PictureFiles(str(path.parent)).write(path.stem, PICTURE)


def video_of(path, **_):
    files = PictureFiles(str(path), path.stem, 25.0)
    for _ in range(20):
        files.write('', NOISE.integers(0, 256, (96, 96, 3), np.uint8))
    files.close()


FRAME = '0.jpg'
# What is written: how, with the fixtures.
WRITERS = {
    'text.json': lambda path, **_: write_atomically(path, 'a' * 10_000),
    'views.npz': dumped('DumpViews'),
    'views.pkl': dumped('DumpViews'),
    'joints.json': lambda path, samples, **_: write_joints_json(
        path, PredictedViews.from_samples(samples * 3)
    ),
    'joints.npz': lambda path, samples, **_: write_joints_npz(
        path, PredictedViews.from_samples(samples * 9)
    ),
    'calibration.json': lambda path, **_: write_calibration(
        path, {f'cam{i}': Camera(np.eye(3), np.eye(3), np.ones(3)) for i in range(50)}
    ),
    'labels': labels_of,
    'shard_000000.npz': shards_of,
    'model.pth': lambda path, **_: write_checkpoint(path, torch.ones(9999)),
    'report.json': lambda path, **_: write_json(path, [1.5] * 9999),
    'figure.png': figure_of,
    'figure.svg': figure_of,
    'hand.obj': mesh_of,
    'hand.glb': mesh_of,
    'animation.glb': animation_of,
    'page.html': page_of,
    'picture.png': lambda path, **_: write_picture(path, PICTURE),
    'picture.jpg': pictures_of,
    'video.mp4': video_of,
    'video.avi': video_of,
    'video.gif': video_of,
    'video.webp': video_of,
    FRAME: lambda path, frames, **_: write_frames(
        open_recording(frames), {0: path}, quality=100
    ),
}


@pytest.fixture(params=['disk', 'limit'])
def disk(request, tmp_path):
    with full_disk(tmp_path, request.param) as made:
        yield made


@pytest.mark.parametrize('name', WRITERS)
def test_what_was_there_stays_until_the_new_is_whole(name, disk, samples, tree, frames):
    if name == 'labels' and isinstance(disk, LimitedFiles):
        pytest.skip('many small files')
    path = disk.folder / name
    before = _write_old_results(path)
    fixtures = dict(samples=samples, tree=tree, frames=frames)
    with pytest.raises(OSError, match='disk is full.*Make room') as error:
        WRITERS[name](path, **fixtures)
    assert str(path) in str(error.value)
    assert _files(disk.folder) == before
    disk.make_room()
    WRITERS[name](path, **fixtures)
    assert path.exists() and not before.items() & _files(disk.folder).items()
    assert not list(disk.folder.rglob('*.part*'))


def _write_old_results(path: Path) -> dict[Path, bytes]:
    if path.name == FRAME:
        return {}  # frames that are there are not written again
    old = path if path.suffix else path / 'old.json'
    old.parent.mkdir(exist_ok=True)
    old.write_bytes(b'old')
    return {old: b'old'}


def _files(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob('*') if file.is_file()}


def test_an_index_is_built_when_there_is_room(disk: FullDisk, tree):
    def build():
        return HanCoDataset(data_root=str(tree.root), index_dir=str(disk.folder))

    with pytest.raises(OSError, match=f'{disk.folder}.*disk is full'):
        build()
    assert not list(disk.folder.glob('*.json'))
    disk.make_room()
    assert len(build()) == 90


def test_images_are_packed_when_there_is_room(disk: FullDisk):
    pytest.importorskip('lmdb')
    from hamuco_mm.datasets.storage.packing import pack_folder

    folder = disk.folder / 'rgb'
    folder.mkdir()
    (folder / '0.jpg').write_bytes(b'0' * 1000)
    with pytest.raises(OSError, match=f'{folder}.lmdb cannot be written'):
        pack_folder(folder)
    assert [file.name for file in disk.folder.iterdir()] == ['rgb']
    disk.make_room()
    assert pack_folder(folder) == 1


def test_lists_and_tables_are_whole_after_each_piece(disk: FullDisk, samples):
    files = PredictionFiles(str(disk.folder / 'list'), 'video')
    with pytest.raises(OSError, match='video.json .*disk is full'):
        for index in range(1000):
            files.write('', index, [dict(keypoints=[1.5] * 40)])
    files.close()
    written = json.loads((disk.folder / 'list/video.json').read_text())
    assert [entry['frame_id'] for entry in written] == list(range(index)) != []
    disk.make_room()
    with HandTable(disk.folder / 'hands.csv') as table:
        table.write({}, {}, Stage.SINGLE)
    rows = (disk.folder / 'hands.csv').read_text().splitlines()
    assert len(rows) == 2 and rows[0].count(',') == rows[1].count(',')


def test_recordings_are_generated_when_there_is_room(disk: FullDisk):
    config = SceneConfig(image_size=160, rig=RigConfig(num_views=2), labels=None)
    generator = SceneGenerator(0, config=config)
    scene = generator.scene(0, 8)
    with pytest.raises(OSError, match=f'{disk.folder}.*disk is full.*Make room'):
        write_recording(generator, scene, disk.folder)
    assert not list(disk.folder.glob('cam*'))
    assert not (disk.folder / 'calibration.toml').exists()
    disk.make_room()
    write_recording(generator, scene, disk.folder)
    assert len(list(disk.folder.glob('cam*.mp4'))) == 2


def test_data_sets_are_generated_when_there_is_room(disk: FullDisk):
    config = DatasetConfig(num_train_sequences=1, num_test_sequences=1, frames=1)
    with pytest.raises(OSError, match=f'{disk.folder}.*disk is full.*Make room'):
        generate_dataset(config, str(disk.folder))
    # what a sequence has is in its place when all of it is written
    assert not list(disk.folder.glob('rgb/*/*/*'))
    assert not list(disk.folder.rglob('*.part*'))
    disk.make_room()
    generate_dataset(config, str(disk.folder))
    assert len(HanCoDataset(data_root=str(disk.folder))) > 0
