import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from hamuco_mm.visualization.figures import comparison_figure, time_step_figure
from hamuco_mm.visualization.view_pictures import ViewPictures


def rendered(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def titles(figure):
    return [text.get_text() for text in figure.texts]


def covered(picture):
    return (picture != 100).any(axis=-1)


def test_exact_prediction_lies_on_the_truth(sample, faces):
    view = ViewPictures(sample, faces, size=200)
    assert not covered(view.image()).any()
    predicted, truth = covered(view.predicted('single')), covered(view.truth())
    assert 0.2 < truth.mean() < 0.8
    # Weak perspective is a few pixels off a perspective camera.
    assert (predicted & truth).sum() / (predicted | truth).sum() > 0.9
    assert view.error('single') == pytest.approx(0, abs=1e-3)
    assert (view.side('single') == view.side('fusion')).mean() < 1
    label = covered(view.label())
    assert label.any() and (label & truth).sum() / label.sum() > 0.9


def test_side_view_is_the_hand_turned(sample, faces):
    view = ViewPictures(sample, faces, size=200)
    shown = (view.side_truth() != 248).any(axis=-1)
    vertices = sample.gt_instances.vertices[0]
    extent = np.ptp(vertices, axis=0) * 200 / 0.24
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    assert np.ptp(rows) == pytest.approx(extent[1], abs=2)
    assert np.ptp(columns) == pytest.approx(extent[2], abs=2)
    # Nearer parts of the hand are at the left, seen from the image's right.
    nearest = vertices[vertices[:, 2].argmin()]
    middle = (vertices.max(axis=0) + vertices.min(axis=0)) / 2
    row = int(99.5 + (nearest[1] - middle[1]) * 200 / 0.24)
    assert shown[row - 2 : row + 3, : columns[0] + 3].any()


def test_side_view_has_the_true_size(sample, faces):
    whole = ViewPictures(sample, faces).side('single')
    sample.pred_instances.vertices = 2 * sample.pred_instances.vertices
    sample.pred_instances.keypoints_cam = 2 * sample.pred_instances.keypoints_cam
    assert (
        np.abs(ViewPictures(sample, faces).side('single').astype(int) - whole).max()
        <= 1
    )


def test_comparison_figure(sample, faces):
    views = [ViewPictures(sample, faces, size=64) for _ in range(3)]
    figure = comparison_figure(views)
    assert titles(figure) == ['0003/00000012\ncamera 2'] * 3 + [
        'input',
        '2D pseudo-label',
        'single view',
        'fusion',
        'ground truth',
        'single view,\nfrom the side',
        'fusion,\nfrom the side',
        'ground truth,\nfrom the side',
    ]
    assert len(figure.axes) == 3 * 8
    captions = [a.texts[0].get_text() for a in figure.axes if a.texts]
    assert captions == ['PA 0.0 mm'] * 6
    # The pictures are in the figure: its cells are not blank.
    pixels = rendered(figure)
    for axes in figure.axes:
        box = axes.get_window_extent().extents.round().astype(int)
        height = pixels.shape[0]
        cell = pixels[height - box[3] : height - box[1], box[0] : box[2]]
        assert cell.std() > 1 or axes in figure.axes[::8]


def test_what_is_missing_is_left_out(sample, faces):
    del sample.gt_instances.vertices
    del sample.pred_instances.vertices_fused
    view = ViewPictures(sample, faces, size=64)
    # Without a mesh, the truth is a skeleton.
    assert 0 < covered(view.truth()).mean() < 0.5
    assert view.side_truth() is None and view.predicted('fusion') is None
    figure = time_step_figure([view, view])
    assert titles(figure)[:4] == [
        'input',
        '2D pseudo-label',
        'single view',
        'ground truth',
    ]
    del sample.gt_instances.keypoints_cam
    view = ViewPictures(sample, faces, size=64)
    assert view.truth() is None and view.error('single') is None
    assert view.side('single') is not None
    assert 'ground truth' not in titles(comparison_figure([view]))


def test_beyond_the_image_is_light(sample, faces):
    crop = dict(input_center=np.array([0.0, 100]), input_scale=[200.0, 200])
    sample.set_metainfo(crop)
    picture = ViewPictures(sample, faces, size=100).image()
    assert (picture[:, :45] == 235).all()
    assert (picture[:, 55:] == 100).all()
