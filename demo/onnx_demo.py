"""Run an exported network on images with onnxruntime, numpy and OpenCV alone.

Neither PyTorch nor this package is needed, so the script can be copied to
where it is used. A single-view file takes images one by one; a multi-view file
takes the views of one time step, with their calibration.

Writes predictions.json, and of each image a picture with the joints and an
OBJ file with the mesh.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

# (parent, child) joints of the bones
BONES = [(0 if i % 4 == 1 else i - 1, i) for i in range(1, 21)]
# numbers of one finger: thumb, index, middle, ring, pinky (BGR)
COLORS = [(0, 128, 255), (255, 153, 255), (255, 178, 102), (51, 51, 255),
          (0, 200, 0)]
FLIP = np.array([-1., 1., 1.])
CONVENTIONS = dict(
    keypoints='pixels of the image, x right, y down',
    keypoints_cam="metres, relative to joint 9 (middle MCP), in the camera's "
    'frame: x right, y down, z forward',
    joint_order='wrist, then four joints each of thumb, index, middle, ring '
    'and pinky, from the palm to the tip')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('model', type=Path, help='.onnx file')
    parser.add_argument('images', nargs='+', type=Path)
    parser.add_argument(
        '--bbox',
        nargs=4,
        type=float,
        metavar=('X1', 'Y1', 'X2', 'Y2'),
        help='the hand in the images, pixels (default: the whole image)')
    parser.add_argument(
        '--padding',
        type=float,
        default=1.,
        help='factor on the side of the box, as in the test pipeline of the '
        "config's GetBBoxCenterScale (default: %(default)s)")
    parser.add_argument(
        '--hand',
        choices=['right', 'left'],
        default='right',
        help='which hand is in the images (default: right)')
    parser.add_argument(
        '--calib',
        type=Path,
        help='for a multi-view file: JSON with "M", a 4x4 matrix (world to '
        'camera) of each camera, as in HanCo')
    parser.add_argument(
        '--cameras',
        nargs='+',
        type=int,
        help='which of these cameras took each image (default: 0, 1, ...)')
    parser.add_argument('--out-dir', type=Path, default=Path('onnx_results'))
    args = parser.parse_args()
    for path in (args.model, *args.images, *filter(None, [args.calib])):
        if not path.is_file():
            parser.error(f'there is no file {path}')
    if args.bbox and not (args.bbox[0] < args.bbox[2]
                          and args.bbox[1] < args.bbox[3]):
        parser.error('--bbox is X1 Y1 X2 Y2 with X1 < X2 and Y1 < Y2, got '
                     + ' '.join(f'{value:g}' for value in args.bbox))
    return args


class HandNetwork:
    """An exported network and what its metadata says.

    Args:
        path (Path): The .onnx file.
    """

    def __init__(self, path: Path):
        self.session = onnxruntime.InferenceSession(
            str(path), providers=['CPUExecutionProvider'])
        meta = self.session.get_modelmeta().custom_metadata_map
        if 'input_size' not in meta:
            raise SystemExit(f'{path} was not written by export_onnx.py: it '
                             'has no metadata')
        self.input_size = json.loads(meta['input_size'])
        self.side = meta['side']
        self.faces = np.array(json.loads(meta['faces']))
        self.multi_view = meta['task'] == 'multi_view'

    def __call__(self, images, boxes, side='right', rotations=None) -> dict:
        """Predict the hand in each image.

        Args:
            images (list[np.ndarray]): uint8 BGR, of any size.
            boxes (list): x1, y1, x2, y2 of each image.
            side (str): 'right' or 'left': which hand it is.
            rotations (np.ndarray): World to camera, (V, 3, 3); multi-view
                files only.

        Returns:
            dict: Arrays by output name. Pixels are the image's, 3D points in
            the camera's frame.
        """
        mirrored = side != self.side
        width = np.array([image.shape[1] for image in images])
        boxes = np.asarray(boxes, np.float64)
        if mirrored:
            images = [image[:, ::-1] for image in images]
            boxes = boxes.copy()
            boxes[:, [0, 2]] = width[:, None] - 1 - boxes[:, [2, 0]]
        warps = np.stack([self._warp(box) for box in boxes])
        inputs = dict(
            image=np.stack([
                self._crop(image, warp) for image, warp in zip(images, warps)
            ]))
        if self.multi_view:
            if mirrored:
                rotations = rotations * np.outer(FLIP, FLIP)
            inputs['R_world2crop'] = rotations.astype(np.float32)
        names = [output.name for output in self.session.get_outputs()]
        outputs = dict(zip(names, self.session.run(names, inputs)))
        for name, value in outputs.items():
            if name.startswith('camera'):
                continue
            if value.shape[-1] == 2:
                # the inverse of the warp, which has no rotation
                value = (value - warps[:, None, :, 2]) / warps[:, :1, :1]
                if mirrored:
                    value[..., 0] = width[:, None] - 1 - value[..., 0]
            elif mirrored:
                value = value * FLIP
            outputs[name] = value
        return outputs

    def mesh_faces(self, side: str) -> np.ndarray:
        """Triangles, anticlockwise from outside, of a hand of this side."""
        return self.faces if side == self.side else self.faces[:, ::-1]

    def _warp(self, box) -> np.ndarray:
        """Image pixels to those of the crop, (2, 3)."""
        width, height = self.input_size
        x1, y1, x2, y2 = box
        scale = min(width / (x2 - x1), height / (y2 - y1))
        offset = np.array([width, height]) / 2 - scale * np.array(
            [x1 + x2, y1 + y2]) / 2
        return np.column_stack([scale * np.eye(2), offset])

    def _crop(self, image, warp) -> np.ndarray:
        crop = cv2.warpAffine(
            np.ascontiguousarray(image), warp, tuple(self.input_size))
        return crop[..., ::-1].transpose(2, 0, 1).astype(np.float32)


def read_rotations(args) -> np.ndarray:
    """World to camera, one of each image, (V, 3, 3)."""
    if args.calib is None:
        raise SystemExit(f'{args.model} takes several views and needs their '
                         '--calib')
    content = json.loads(args.calib.read_text())
    if not isinstance(content, dict) or 'M' not in content:
        raise SystemExit(f'{args.calib} has no "M" with the extrinsics')
    matrices = np.array(content['M'], np.float64)
    cameras = args.cameras or list(range(len(args.images)))
    if len(cameras) != len(args.images) or max(cameras) >= len(matrices):
        raise SystemExit(
            f'{len(args.images)} images, cameras {cameras}, but {args.calib} '
            f'has {len(matrices)}: name one with --cameras for each image')
    return matrices[cameras][:, :3, :3]


def padded(box, padding: float) -> np.ndarray:
    """The box (x1, y1, x2, y2) with its sides times ``padding``."""
    corners = np.reshape(box, (2, 2)).astype(np.float64)
    center = corners.mean(axis=0)
    return (center + padding * (corners - center)).ravel()


def write_results(out_dir: Path, paths, images, outputs, faces) -> None:
    """Write the JSON file, pictures and meshes of the last stage."""
    out_dir.mkdir(parents=True, exist_ok=True)
    suffix = '_fused' if 'vertices_fused' in outputs else ''
    content = dict(conventions=CONVENTIONS, images=[])
    for row, (path, image) in enumerate(zip(paths, images)):
        content['images'].append({
            'image': str(path),
            **{
                name: np.round(value[row].astype(float), 6).tolist()
                for name, value in outputs.items() if 'vertices' not in name
            }
        })
        picture = image.copy()
        points = np.round(16 * outputs[f'keypoints{suffix}'][row]).astype(int)
        for parent, child in BONES:
            cv2.line(picture, points[parent].tolist(), points[child].tolist(),
                     COLORS[(child - 1) // 4], 1, cv2.LINE_AA, 4)
        name = f'{row}_{path.stem}'
        cv2.imwrite(str(out_dir / f'{name}.png'), picture)
        lines = ['# metres, root-relative; x right, y down, z forward']
        lines += ['v %.6f %.6f %.6f' % tuple(vertex)
                  for vertex in outputs[f'vertices{suffix}'][row]]
        lines += ['f %d %d %d' % tuple(face + 1) for face in faces]
        (out_dir / f'{name}.obj').write_text('\n'.join(lines) + '\n')
    (out_dir / 'predictions.json').write_text(json.dumps(content) + '\n')


def main() -> None:
    args = parse_args()
    network = HandNetwork(args.model)
    images = [cv2.imread(str(path)) for path in args.images]
    for path, image in zip(args.images, images):
        if image is None:
            raise SystemExit(f'{path} is no image that OpenCV can read')
    boxes = [
        padded(args.bbox or (0, 0, image.shape[1], image.shape[0]),
               args.padding) for image in images
    ]
    rotations = read_rotations(args) if network.multi_view else None
    outputs = network(images, boxes, args.hand, rotations)
    write_results(args.out_dir, args.images, images, outputs,
                  network.mesh_faces(args.hand))
    print(f'wrote the results of {len(images)} images to {args.out_dir}')


if __name__ == '__main__':
    main()
