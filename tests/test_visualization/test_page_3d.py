"""The 3D page: what is in the file, and what it does in a browser."""

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from page_views import (
    EYES,
    NUM_STEPS,
    PLACE,
    SIZE,
    TRUTH_OFFSET,
    make_views,
    true_hand,
)

from hamuco_mm.hand_model import HAND_JOINT_NAMES, ROOT_JOINT, MANOLayer
from hamuco_mm.visualization import page_3d
from hamuco_mm.visualization.page_3d import write_page

CHROMIUM = next(
    filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))),
    None,
)
# Clicks every toggle twice, moves the slider, hovers over a joint, and leaves
# in the page how many pixels each of it has changed.
DRIVER = """
<script>
viewer.ready.then(() => {
  const gl = viewer.renderer.gl, report = {};
  const shot = () => {
    viewer.draw();
    const pixels = new Uint8Array(4 * gl.drawingBufferWidth * gl.drawingBufferHeight);
    gl.readPixels(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    return new Uint32Array(pixels.buffer);
  };
  const changed = (a, b) => a.reduce((sum, value, i) => sum + (value !== b[i]), 0);
  const look = index => {
    const select = document.getElementById('viewpoint');
    select.selectedIndex = index;
    select.dispatchEvent(new Event('change'));
    return shot();
  };
  const orange = pixels => pixels.filter(x => (x & 255) > 1.3 * ((x >> 16) & 255) && ((x >> 8) & 255) > 60).length;
  report.zoomed = orange(shot());
  report.broadest = viewer.broadestView().id;
  const first = look(1);
  report.all = orange(first);
  for (const box of document.querySelectorAll('input[type=checkbox]')) {
    box.click();
    const once = changed(first, shot());
    box.click();
    report[box.id] = [once, changed(first, shot())];
  }
  const joint = viewer.uploaded(0).joints.positions.slice(24, 27), m = viewer.matrix();
  const clip = [0, 1, 3].map(r => m[r] * joint[0] + m[4 + r] * joint[1] + m[8 + r] * joint[2] + m[12 + r]);
  const canvas = viewer.renderer.canvas, box = canvas.getBoundingClientRect();
  canvas.dispatchEvent(new PointerEvent('pointermove', {
    clientX: box.left + (clip[0] / clip[2] + 1) / 2 * box.width,
    clientY: box.top + (1 - clip[1] / clip[2]) / 2 * box.height}));
  report.tooltip = document.getElementById('tooltip').textContent;
  report.marked = document.querySelector('tr.marked th').textContent;
  canvas.dispatchEvent(new PointerEvent('pointerleave'));
  const slider = document.getElementById('slider');
  slider.value = 1;
  slider.dispatchEvent(new Event('input'));
  report.slider = [changed(first, shot()), document.getElementById('step-name').textContent];
  report.through = [2, 3, 4].map(index => {
    look(index);
    const m = viewer.matrix(), p = viewer.uploaded(1).joints.positions.slice(24, 27);
    const clip = [0, 1, 3].map(r => m[r] * p[0] + m[4 + r] * p[1] + m[8 + r] * p[2] + m[12 + r]);
    return [clip[0] / clip[2], clip[1] / clip[2], box.width / box.height];
  });
  const blue = look(3).filter(value => ((value >> 16) & 255) > 150 && (value & 255) < 60).length;
  report.filled = blue / first.length;
  report.pixels = first.length;
  report.red = first.filter(value => (value & 255) > 200 && ((value >> 8) & 255) < 60).length;
  document.body.dataset.report = JSON.stringify(report);
});
</script>
"""

NODE = shutil.which('node')
# What the scripts ask of a browser, then the scripts, and where joint 8 is seen through
# each camera at each time step.
WITHOUT_BROWSER = """
const elements = {}, element = () => ({
  children: [], style: {}, classList: {toggle() {}}, addEventListener(name, act) { this[name] = act; },
  append(...parts) { this.children.push(...parts); }, replaceChildren() {}, clientWidth: 100, clientHeight: 100});
const byId = id => elements[id] ??= Object.assign(element(), {tHead: element(), tBodies: [element()]});
byId('data').textContent = require('fs').readFileSync(0, 'utf8');
globalThis.document = {getElementById: byId, createElement: element, querySelectorAll: () => []};
globalThis.window = element();
globalThis.Option = class { constructor(label) { this.label = label; } };
globalThis.Image = class { decode() { return Promise.resolve(); } };
class Renderer {
  constructor(canvas) { this.canvas = canvas; this.gl = {}; }
  begin() {} draw() {} geometry() {} texture() {}
}
SCRIPTS
const labels = byId('viewpoint').children.map(option => option.label), seen = [];
for (const step of [0, 1]) {
  viewer.setStep(step);
  seen.push(labels.slice(2).map((_, i) => {
    byId('viewpoint').change({target: {selectedIndex: i + 2}});
    const m = viewer.matrix(), p = viewer.uploaded(step).joints.positions.slice(24, 27);
    const clip = [0, 1, 3].map(r => m[r] * p[0] + m[4 + r] * p[1] + m[8 + r] * p[2] + m[12 + r]);
    return [clip[0] / clip[2], -clip[1] / clip[2]];
  }));
}
const boxes = byId('cameras').children.map(label => label.children[0].id);
console.log(JSON.stringify({labels, boxes, seen}));
"""


@pytest.fixture(scope='module')
def faces():
    return MANOLayer().faces.numpy()


@pytest.fixture(scope='module')
def page(tmp_path_factory, faces):
    folder = tmp_path_factory.mktemp('page')
    path = folder / 'page.html'
    write_page(path, make_views(folder), faces, 'Two </script> steps & more')
    return path


def data_of(page) -> dict:
    text = page.read_text(encoding='utf-8')
    return json.loads(
        re.search(
            '<script type="application/json" id="data">(.*?)</script>', text
        ).group(1)
    )


def decode(text, dtype='<f4'):
    return np.frombuffer(base64.b64decode(text), dtype)


def test_file_stands_alone(page):
    text = page.read_text(encoding='utf-8')
    assert not re.search(r'(https?:)?//[\w-]+\.\w', text)
    for attribute in re.findall(r'\b(?:src|href|url|import)\b\s*[=(]\s*(\S+)', text):
        assert attribute.startswith('camera.image'), attribute
    assert "default-src 'none'" in text
    assert '<title>Two &lt;/script&gt; steps &amp; more</title>' in text


def test_all_hands_are_in_the_page_and_in_their_place(page, faces):
    data = data_of(page)
    assert np.array_equal(decode(data['faces'], '<u2').reshape(-1, 3), faces)
    assert [layer['id'] for layer in data['layers']] == ['hand', 'single', 'truth']
    assert len(data['steps']) == NUM_STEPS
    for number, step in enumerate(data['steps']):
        vertices, joints = true_hand(number)
        assert step['name'] == f'0007/{number:08d}'
        assert step['center'] == pytest.approx(PLACE, abs=1e-4)
        hands = step['hands']
        assert [hand['layer'] for hand in hands] == ['hand'] + ['single'] * len(
            EYES
        ) + ['truth']
        assert [hand['camera'] for hand in hands[1:-1]] == ['2', '3', '4']
        for hand, offset in ((hands[0], 0), (hands[-1], TRUTH_OFFSET)):
            for name, points in (('vertices', vertices), ('joints', joints)):
                np.testing.assert_allclose(
                    decode(hand[name]).reshape(-1, 3), points + offset, atol=1e-4
                )
        # flattened along the optical axis of its own camera, about its root
        for hand, camera in zip(hands[1:-1], step['cameras']):
            axis = np.array(camera['R']).reshape(3, 3)[2]
            relative = decode(hand['joints']).reshape(-1, 3) - step['center']
            truth = joints - joints[ROOT_JOINT]
            np.testing.assert_allclose(relative @ axis, 0.8 * truth @ axis, atol=1e-4)
        for camera, eye in zip(step['cameras'], EYES):
            R, t = np.array(camera['R']).reshape(3, 3), np.array(camera['t'])
            np.testing.assert_allclose(-R.T @ t, eye, atol=1e-6)
            assert np.nanmax(np.array(camera['errors'], float)) < 0.05
            assert camera['image'].startswith('data:image/jpeg;base64,')
        assert step['truthErrors'] == pytest.approx([50] * 21, abs=0.1)


def test_reprojection_error_is_that_of_the_wrong_view(tmp_path, faces):
    views = make_views(tmp_path)
    views.predictions['keypoints'][1, 8] += (30, 0)
    write_page(tmp_path / 'page.html', views, faces)
    step = data_of(tmp_path / 'page.html')['steps'][0]
    errors = np.array([camera['errors'] for camera in step['cameras']])
    assert errors[1, 8] == pytest.approx(30, abs=1.5)
    errors[1, 8] = 0
    assert errors.max() < 1.5


def test_what_is_missing(tmp_path, faces):
    views = make_views(tmp_path)
    views.ground_truth.clear()
    for name in ('vertices', 'vertices_fused'):
        del views.predictions[name]
    write_page(tmp_path / 'page.html', views, faces)
    data = data_of(tmp_path / 'page.html')
    assert [layer['id'] for layer in data['layers']] == ['hand', 'single']
    assert all(hand['vertices'] is None for hand in data['steps'][0]['hands'])

    views.cameras.R_world2cam[:2] = torch.nan
    with pytest.raises(ValueError, match='0007/00000000 has 1 calibrated'):
        write_page(tmp_path / 'none.html', views, faces)
    views = make_views(tmp_path)
    (tmp_path / '0_0.png').unlink()
    with pytest.raises(FileNotFoundError, match='0_0.png'):
        write_page(tmp_path / 'none.html', views, faces)
    assert not (tmp_path / 'none.html').exists()


def test_time_steps_of_one_view_are_left_out(tmp_path, faces, logged):
    """Of two cameras, one lost an image."""
    views = make_views(tmp_path)
    write_page(tmp_path / 'page.html', views.select([0, 3, 4]), faces)
    steps = data_of(tmp_path / 'page.html')['steps']
    assert [step['name'] for step in steps] == ['0007/00000001']
    assert logged == [
        '1 of 2 time steps have a hand in one view alone, and so no place in the world: '
        'left out are 0007/00000000'
    ]
    with pytest.raises(ValueError, match='0007/00000000 has 1 calibrated views of 1'):
        write_page(tmp_path / 'none.html', views.select([0, 3]), faces)


@pytest.mark.skipif(NODE is None, reason='needs Node.js')
def test_cameras_that_lost_an_image(tmp_path, faces):
    """All cameras can be looked through at all time steps, each as itself."""
    views = make_views(tmp_path)  # two time steps of the cameras 2, 3 and 4
    write_page(tmp_path / 'page.html', views.select([0, 1, 3, 5]), faces)
    steps = data_of(tmp_path / 'page.html')['steps']
    assert [[c['id'] for c in s['cameras']] for s in steps] == [['2', '3'], ['2', '4']]
    folder = Path(page_3d.__file__).parent / 'page'
    scripts = '\n'.join(
        (folder / f'{name}.js').read_text()
        for name in ('geometry', 'viewer', 'controls')
    )
    printed = subprocess.run(
        [NODE, '-e', WITHOUT_BROWSER.replace('SCRIPTS', scripts)],
        input=json.dumps(data_of(tmp_path / 'page.html')),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert not printed.stderr, printed.stderr
    report = json.loads(printed.stdout)
    assert report['labels'][2:] == [f'through camera {camera}' for camera in (2, 3, 4)]
    assert report['boxes'] == [f'camera-{camera}' for camera in (2, 3, 4)]
    cameras = [*steps[0]['cameras'], steps[1]['cameras'][1]]
    for step, seen in enumerate(report['seen']):
        for camera, place in zip(cameras, seen, strict=True):
            R = np.array(camera['R']).reshape(3, 3)
            pixel = np.array(camera['K']).reshape(3, 3) @ (
                R @ true_hand(step)[1][8] + camera['t']
            )
            expected = (2 * (pixel[:2] / pixel[2] + 0.5) - SIZE) / SIZE
            np.testing.assert_allclose(place, expected, atol=1e-3)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason='needs a Chromium')
def test_page_in_a_browser(page, tmp_path):
    driven = tmp_path / 'driven.html'
    driven.write_text(
        page.read_text(encoding='utf-8').replace('</body>', DRIVER + '</body>'),
        encoding='utf-8',
    )
    printed = subprocess.run(
        [
            CHROMIUM,
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--use-angle=swiftshader',
            '--enable-unsafe-swiftshader',
            f'--user-data-dir={tmp_path / "profile"}',
            '--window-size=1000,600',
            '--virtual-time-budget=10000',
            '--dump-dom',
            driven.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    found = re.search(' data-report="([^"]*)"', printed.stdout)
    assert found, printed.stderr
    report = json.loads(found.group(1).replace('&quot;', '"'))

    # each toggle changes the picture, and back
    toggles = [
        'layer-hand',
        'layer-single',
        'layer-truth',
        'show-joints',
        'show-images',
        'camera-2',
        'camera-3',
        'camera-4',
    ]
    assert sorted(key for key in report if '-' in key) == sorted(toggles)
    for toggle in toggles:
        once, twice = report[toggle]
        assert once > 30 and twice == 0, (toggle, once, twice)
    # the red picture of the first camera is drawn
    assert report['red'] > 50
    moved, name = report['slider']
    assert moved > 300 and name == '0007/00000001'
    # opened, the hand is large; looked through, its camera's picture fills the
    # smaller side of the page and joints are where the camera sees them
    assert report['zoomed'] > 4 * report['all'] > 0
    step = data_of(page)['steps'][0]
    across = {}
    for camera in step['cameras']:
        out = -np.array(camera['R']).reshape(3, 3).T @ camera['t'] - step['center']
        offsets = true_hand(0)[1] - step['center']
        across[camera['id']] = np.linalg.norm(
            np.cross(offsets, out / np.linalg.norm(out))
        )
    assert report['broadest'] == max(across, key=across.get)
    joint = true_hand(1)[1][8]
    for (x, y, aspect), camera in zip(
        report['through'], data_of(page)['steps'][1]['cameras']
    ):
        R = np.array(camera['R']).reshape(3, 3)
        seen = np.array(camera['K']).reshape(3, 3) @ (R @ joint + camera['t'])
        right, down = (2 * (seen[:2] / seen[2] + 0.5) - SIZE) / SIZE
        assert x * max(1, aspect) == pytest.approx(right, abs=1e-3)
        assert -y / min(1, aspect) == pytest.approx(down, abs=1e-3)
    assert 0.3 < report['filled'] < 1
    lines = report['tooltip'].splitlines()
    assert lines[0] == report['marked'] == HAND_JOINT_NAMES[8]
    assert lines[1:] == [f'camera {camera}: 0.0 px' for camera in (2, 3, 4)]
