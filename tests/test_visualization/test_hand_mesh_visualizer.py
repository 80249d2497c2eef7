import cv2
import numpy as np
import pytest
from camera_of_views import to_pixels
from mmengine.visualization import Visualizer
from mmpose.engine.hooks import PoseVisualizationHook
from mmpose.registry import VISUALIZERS

from hamuco_mm.visualization import (
    MESH_COLORS,
    HandMeshVisualizer,
)

GREY = np.full((224, 224, 3), 100, np.uint8)
PANEL = 256


@pytest.fixture
def visualizer(request, faces):
    visualizer = HandMeshVisualizer.get_instance(request.node.name)
    visualizer.faces = faces
    return visualizer


def panels(picture):
    assert picture.shape[0] == PANEL and picture.shape[1] % PANEL == 0
    return np.split(picture, picture.shape[1] // PANEL, axis=1)


def has_color(panel, stage):
    """Whether much of a panel has the hue of a stage's mesh."""
    color = np.array(MESH_COLORS[stage])
    direction = panel / np.maximum(np.linalg.norm(panel, axis=-1, keepdims=True), 1)
    return (direction @ (color / np.linalg.norm(color)) > 0.998).mean() > 0.02


def test_panels(visualizer, sample):
    label, prediction, single, side = panels(
        visualizer.draw(GREY, sample, draw_gt=True)
    )
    assert has_color(single, 'single') and has_color(side, 'single')
    assert not has_color(label, 'single')
    # captions differ
    assert (label[40:] == prediction[40:]).all()
    # with other views there is a fused mesh
    sample.set_metainfo(dict(num_views=2))
    _, single, fused, side = panels(visualizer.draw(GREY, sample))
    assert has_color(single, 'single')
    assert has_color(fused, 'fusion') and has_color(side, 'fusion')
    assert panels(visualizer.draw(GREY, sample, draw_pred=False))[0].shape
    del sample.pred_instances
    assert len(panels(visualizer.draw(GREY, sample))) == 1


def test_pictures_name_their_camera(visualizer, sample):
    """In the caption, and nowhere else."""
    pictures = []
    for name in ('left', 'right'):
        sample.set_metainfo(dict(camera=name))
        pictures.append(panels(visualizer.draw(GREY, sample)))
    (one, *others), (other, *same) = pictures
    assert (one != other).any() and (one[30:] == other[30:]).all()
    assert all((a == b).all() for a, b in zip(others, same))


def test_meshes_are_smooth_with_soft_edges(visualizer, sample):
    """More shades than a mesh with one colour a face can have."""
    side = panels(visualizer.draw(GREY, sample))[-1]
    shades = {tuple(color) for color in side[30:].reshape(-1, 3).tolist()}
    drawn = (side[30:] != 248).any(-1)
    inner = drawn[1:-1] & drawn[:-2] & drawn[2:]
    edges = side[31:-1][drawn[1:-1] & ~inner]
    assert len(shades) > 1000
    # half covered pixels are lighter than the hand
    assert (edges.mean(-1) > 220).any()


def test_mesh_lies_over_the_joints(visualizer, sample):
    """Also in a picture that is resized."""
    for size in (128, 224, 1000):
        zoom = size / 224
        sample.pred_instances.keypoints = (
            zoom * (to_pixels(sample.gt_instances.keypoints_cam[0]) + 0.5) - 0.5
        )[None]
        image = np.full((size, size, 3), 100, np.uint8)
        picture = visualizer.draw(image, sample)
        height = picture.shape[0]
        assert height == min(max(size, 256), 512)
        mesh = picture[:, height : 2 * height]
        for x, y in sample.pred_instances.keypoints[0][:, :2]:
            x, y = ((p + 0.5) * height / size - 0.5 for p in (x, y))
            around = mesh[int(y) - 2 : int(y) + 4, int(x) - 2 : int(x) + 4]
            assert (around != 100).any()


def test_mirrored_and_left_hands(visualizer, sample):
    """A sample of the mirrored image is drawn on the mirrored image; one of a
    left hand has its faces outside in."""
    image = GREY.copy()
    image[:, :40] = 0
    right = visualizer.draw(image, sample)
    sample.set_metainfo(dict(mirrored=True, hand_side='left'))
    assert (visualizer.draw(image[:, ::-1], sample) == right).all()
    sample.set_metainfo(dict(mirrored=False))
    for name in ('vertices', 'keypoints_cam'):
        mirrored = sample.pred_instances[name] * [-1, 1, 1]
        sample.pred_instances.set_field(mirrored, name)
    sample.pred_instances.keypoints = [223, 0] + sample.pred_instances.keypoints * [
        -1,
        1,
    ]
    left = visualizer.draw(image[:, ::-1], sample)
    mesh, other = panels(right)[1], panels(left)[1][:, ::-1]
    # lit from the other side, but neither shows its dark inside
    hand = (mesh[60:] != mesh[255, 255]).any(-1)
    assert abs(mesh[60:][hand].mean() - other[60:][hand].mean()) < 25


def test_wrong_stages():
    with pytest.raises(ValueError, match='stages'):
        HandMeshVisualizer('wrong', stages=('fused',))


def test_configs_with_the_former_name_of_the_stages():
    visualizer = HandMeshVisualizer('former', modes=('interact',))
    assert visualizer.stages == HandMeshVisualizer('now', stages=('interact',)).stages


class Runner:
    """What the hook reads of a runner."""

    iter = 0

    class val_evaluator:
        dataset_meta = {}


@pytest.mark.parametrize('backend', ['LocalVisBackend', 'TensorboardVisBackend'])
def test_mmpose_hook(backend, sample, faces, tmp_path, request):
    """In training, to MMEngine's backends."""
    if backend == 'TensorboardVisBackend':
        pytest.importorskip('tensorboard')
    visualizer = VISUALIZERS.build(
        dict(
            type='HandMeshVisualizer',
            name=request.node.name,
            save_dir=str(tmp_path),
            vis_backends=[dict(type=backend)],
        )
    )
    assert Visualizer.get_current_instance() is visualizer
    hook = PoseVisualizationHook(enable=True, interval=2)
    batch = dict(data_samples=[sample])
    for index in range(3):
        hook.after_val_iter(Runner, index, batch, [sample])
    if backend == 'LocalVisBackend':
        pictures = sorted(tmp_path.rglob('*.png'))
        names = [p.name for p in pictures if p.name.startswith('val_img')]
        assert names == ['val_img_0.png', 'val_img_2.png']
        assert cv2.imread(str(next(tmp_path.rglob('val_img_0.png')))).shape == (
            256,
            768,
            3,
        )
    else:
        assert list(tmp_path.rglob('events.out.tfevents*'))
