"""Run an exported network on images with onnxruntime, numpy and OpenCV alone.

Neither PyTorch nor this package is needed, so the script can be copied to
where it is used. A single-view file takes images one by one; a multi-view file
takes the views of one time step, with their calibration. Where the network
was trained with the viewing rays of the crops, the intrinsics in the
calibration turn its 3D points into the camera's frame.

Writes predictions.json, and of each image a picture with the joints and an
OBJ file with the mesh.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

# (parent, child) joints of the bones
BONES = [(0 if i % 4 == 1 else i - 1, i) for i in range(1, 21)]
# numbers of one finger: thumb, index, middle, ring, pinky (BGR)
COLORS = [(0, 128, 255), (255, 153, 255), (255, 178, 102), (51, 51, 255), (0, 200, 0)]
POINTS = ('keypoints', 'vertices')
FLIP = np.array([-1.0, 1.0, 1.0])
CAMERA_FRAME = "the camera's frame: x right, y down, z forward"
CROP_FRAME = (
    'the frame of the crop: x right, y down, z along the viewing ray '
    "through the middle of the crop; for the camera's frame give "
    '--calib with its intrinsics "K"'
)
CONVENTIONS = dict(
    keypoints='pixels of the image, x right, y down',
    keypoints_cam='metres, relative to joint 9 (middle MCP), in ',
    joint_order='wrist, then four joints each of thumb, index, middle, ring '
    'and pinky, from the palm to the tip',
)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('model', type=Path, help='.onnx file')
    parser.add_argument('images', nargs='+', type=Path)
    parser.add_argument(
        '--bbox',
        nargs=4,
        type=float,
        metavar=('X1', 'Y1', 'X2', 'Y2'),
        help='the hand in the images, pixels (default: the whole image)',
    )
    parser.add_argument(
        '--padding',
        type=float,
        default=1.0,
        help='factor on the side of the box, as in the test pipeline of the '
        "config's GetBBoxCenterScale (default: %(default)s)",
    )
    parser.add_argument(
        '--hand',
        choices=['right', 'left'],
        default='right',
        help='which hand is in the images (default: right)',
    )
    parser.add_argument(
        '--calib',
        type=Path,
        help='JSON as in HanCo, with lists that have a matrix of each camera: '
        'for a multi-view file "M" (4x4, world to camera); for a network with '
        'viewing rays "K" (3x3, pixels)',
    )
    parser.add_argument(
        '--cameras',
        nargs='+',
        type=int,
        help='which of these cameras took each image (default: 0, 1, ...)',
    )
    parser.add_argument('--out-dir', type=Path, default=Path('onnx_results'))
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    for path in (args.model, *args.images, *filter(None, [args.calib])):
        if not path.is_file():
            parser.error(f'there is no file {path}')
    if args.bbox and not (args.bbox[0] < args.bbox[2] and args.bbox[1] < args.bbox[3]):
        parser.error(
            '--bbox is X1 Y1 X2 Y2 with X1 < X2 and Y1 < Y2, got '
            + ' '.join(f'{value:g}' for value in args.bbox)
        )
    if args.bbox and max(args.bbox) <= 1:
        parser.error(
            '--bbox has no coordinate above 1: parts of the image, not pixels. '
            'Multiply them by the width and the height'
        )
    return args


class HandNetwork:
    """An exported network and what its metadata says.

    Args:
        path (Path): The .onnx file.
    """

    def __init__(self, path: Path):
        try:
            self.session = onnxruntime.InferenceSession(
                str(path), providers=['CPUExecutionProvider']
            )
        except Exception as error:  # onnxruntime has types of its own
            raise SystemExit(f'onnxruntime cannot read {path}: {error}') from error
        meta = self.session.get_modelmeta().custom_metadata_map
        if 'input_size' not in meta:
            raise SystemExit(
                f'{path} was not written by export_onnx.py: it has no metadata'
            )
        self.input_size = json.loads(meta['input_size'])
        self.side = meta['side']
        self.faces = np.array(json.loads(meta['faces']))
        self.multi_view = meta['task'] == 'multi_view'
        self.viewing_ray = meta.get('viewing_ray') == 'true'

    def __call__(
        self,
        images: list[np.ndarray],
        boxes: Sequence,
        side: str = 'right',
        rotations: np.ndarray | None = None,
        intrinsics: np.ndarray | None = None,
    ) -> dict[str, np.ndarray]:
        """Predict the hand in each image.

        Args:
            images (list[np.ndarray]): uint8 BGR, of any size.
            boxes (list): x1, y1, x2, y2 of each image.
            side (str): 'right' or 'left': which hand it is.
            rotations (np.ndarray): World to camera, (V, 3, 3); multi-view
                files only.
            intrinsics (np.ndarray, optional): In pixels, (V, 3, 3). Networks
                with viewing rays need them for the camera's frame.

        Returns:
            dict: Arrays by output name. Pixels are the image's, 3D points in
            the camera's frame, or the crop's: see :meth:`in_camera_frame`.
        """
        mirrored = side != self.side
        width = np.array([image.shape[1] for image in images])
        boxes = np.asarray(boxes, np.float64)
        R_cam2crop = np.broadcast_to(np.eye(3), (len(images), 3, 3))
        if self.viewing_ray and intrinsics is not None:
            R_cam2crop = viewing_ray_rotations(
                (boxes[:, :2] + boxes[:, 2:]) / 2, intrinsics
            )
        if mirrored:
            images = [image[:, ::-1] for image in images]
            boxes = boxes.copy()
            boxes[:, [0, 2]] = width[:, None] - 1 - boxes[:, [2, 0]]
        warps = np.stack([self._warp(box) for box in boxes])
        inputs = dict(
            image=np.stack(
                [self._crop(image, warp) for image, warp in zip(images, warps)]
            )
        )
        if self.multi_view:
            rotations = R_cam2crop @ rotations
            if mirrored:
                rotations = rotations * np.outer(FLIP, FLIP)
            inputs['R_world2crop'] = rotations.astype(np.float32)
        names = [output.name for output in self.session.get_outputs()]
        outputs = dict(zip(names, self.session.run(names, inputs)))
        R_crop2cam = R_cam2crop.swapaxes(1, 2)
        for suffix in ('', '_interact'):
            turn_parameters(outputs, suffix, R_crop2cam, mirrored)
        for name, value in outputs.items():
            if not name.startswith(POINTS):
                continue
            if value.shape[-1] == 2:
                # the inverse of the warp, which has no rotation
                value = (value - warps[:, None, :, 2]) / warps[:, :1, :1]
                if mirrored:
                    value[..., 0] = width[:, None] - 1 - value[..., 0]
            else:
                if mirrored:
                    value = value * FLIP
                # row vectors: this applies the inverse
                value = value @ R_cam2crop
            outputs[name] = value
        return outputs

    def in_camera_frame(self, intrinsics: np.ndarray | None) -> bool:
        """Whether 3D points come in the camera's frame."""
        return not self.viewing_ray or intrinsics is not None

    def mesh_faces(self, side: str) -> np.ndarray:
        """Triangles, anticlockwise from outside, of a hand of this side."""
        return self.faces if side == self.side else self.faces[:, ::-1]

    def _warp(self, box: np.ndarray) -> np.ndarray:
        """Image pixels to those of the crop, (2, 3)."""
        width, height = self.input_size
        x1, y1, x2, y2 = box
        scale = min(width / (x2 - x1), height / (y2 - y1))
        offset = (
            np.array([width, height]) / 2 - scale * np.array([x1 + x2, y1 + y2]) / 2
        )
        return np.column_stack([scale * np.eye(2), offset])

    def _crop(self, image: np.ndarray, warp: np.ndarray) -> np.ndarray:
        crop = cv2.warpAffine(np.ascontiguousarray(image), warp, tuple(self.input_size))
        return crop[..., ::-1].transpose(2, 0, 1).astype(np.float32)


def turn_parameters(
    outputs: dict[str, np.ndarray], suffix: str, R_crop2cam: np.ndarray, mirrored: bool
) -> None:
    """Take parameters of the hand model from the frames of the crops to those of
    the cameras, in place; those of a mirrored hand become the other hand's.

    Args:
        outputs (dict): Arrays by output name; files that were exported before
            there were parameters have none.
        suffix (str): Of the stage's outputs.
        R_crop2cam (np.ndarray): (V, 3, 3).
        mirrored (bool): Whether the network saw the hand in a mirror.
    """
    if 'transl' + suffix not in outputs:
        return
    orient, pose, transl, wrist = (
        outputs[name + suffix]
        for name in ('global_orient', 'hand_pose', 'transl', 'wrist')
    )
    if mirrored:
        # axes of rotation mirror with the opposite sign
        orient, transl, wrist = -FLIP * orient, FLIP * transl, FLIP * wrist
        pose = (-FLIP * pose.reshape(-1, 3)).reshape(pose.shape)
    placed = (R_crop2cam @ (wrist + transl)[..., None])[..., 0]
    turned = [R @ cv2.Rodrigues(r)[0] for R, r in zip(R_crop2cam, orient)]
    outputs['global_orient' + suffix] = np.stack(
        [cv2.Rodrigues(R)[0][:, 0] for R in turned]
    )
    outputs['hand_pose' + suffix] = pose
    outputs['transl' + suffix] = placed - wrist
    outputs['wrist' + suffix] = wrist


def viewing_ray_rotations(pixels: np.ndarray, intrinsics: np.ndarray) -> np.ndarray:
    """The smallest rotations that bring the pixels' viewing rays onto the
    optical axis, R_cam2ray.

    Args:
        pixels (np.ndarray): (V, 2), without lens distortion.
        intrinsics (np.ndarray): (V, 3, 3).

    Returns:
        np.ndarray: (V, 3, 3), R = I + [a] + [a]^2 / (1 + z) with the axis
        a = ray x (0, 0, 1).
    """
    rays = np.linalg.solve(
        intrinsics, np.column_stack([pixels, np.ones(len(pixels))])[..., None]
    )
    rays = rays[..., 0] / np.linalg.norm(rays[..., 0], axis=1, keepdims=True)
    cross = np.zeros((len(pixels), 3, 3))
    cross[:, :2, 2] = -rays[:, :2]
    cross[:, 2, :2] = rays[:, :2]
    return np.eye(3) + cross + cross @ cross / (1 + rays[:, 2, None, None])


def read_calibration(
    args: argparse.Namespace, multi_view: bool
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """World to camera rotations, for a multi-view file, and intrinsics, if
    the calibration has them: one of each image, (V, 3, 3), or None."""
    if args.calib is None:
        if multi_view:
            raise SystemExit(
                f'{args.model} takes several views and needs their --calib'
            )
        return None, None
    try:
        content = json.loads(args.calib.read_text())
    except ValueError as error:
        raise SystemExit(f'{args.calib} is not JSON: {error}') from error
    if not isinstance(content, dict):
        raise SystemExit(f'{args.calib} is no object with "K" and "M"')
    if has_lenses(content):
        raise SystemExit(
            f'{args.calib} has cameras with lens distortion ("dist" or '
            '"distortion_model"), which this script does not handle: undistort '
            'the images, for example with cv2.undistort, and give the '
            'calibration without these keys'
        )
    if multi_view and 'M' not in content:
        raise SystemExit(f'{args.calib} has no "M" with the extrinsics')
    rotations = intrinsics = None
    if multi_view:
        rotations = of_each_image(args, content, 'M', (3, 4))[:, :, :3]
    if 'K' in content:
        intrinsics = of_each_image(args, content, 'K', (3, 3))
    return rotations, intrinsics


def has_lenses(content: dict) -> bool:
    """Whether a camera of a calibration is not ideal."""
    cameras = content.get('cameras')
    if isinstance(cameras, dict):
        # a file of hamuco_mm.cameras.write_calibration
        return any(map(has_lenses, cameras.values()))
    models = np.ravel(content.get('distortion_model') or 'opencv')
    # one list of coefficients per camera, of any lengths
    rows = content.get('dist') or []
    return bool((models != 'opencv').any() or any(np.any(row) for row in rows))


def of_each_image(
    args: argparse.Namespace, content: dict, key: str, shape: tuple[int, int]
) -> np.ndarray:
    """Select the matrices of the images' cameras, (V, *shape); a row below, as
    extrinsics may have it, is left out."""
    rows, columns = shape
    try:
        known = np.array(content[key], np.float64)[:, :rows]
    except (IndexError, TypeError, ValueError):  # no numbers, or of different length
        known = np.empty(0)
    if known.shape[1:] != shape or not np.isfinite(known).all():
        raise SystemExit(
            f'{args.calib}: "{key}" is no list with a matrix of {rows} x {columns} '
            'numbers of each camera'
        )
    cameras = args.cameras or list(range(len(args.images)))
    if len(cameras) != len(args.images) or not all(
        0 <= camera < len(known) for camera in cameras
    ):
        raise SystemExit(
            f'{len(args.images)} images, cameras {cameras}, but {args.calib} '
            f'has {len(known)}: name one with --cameras for each image'
        )
    return known[cameras]


def padded(box: Sequence[float], padding: float) -> np.ndarray:
    """The box (x1, y1, x2, y2) with its sides times ``padding``."""
    corners = np.reshape(box, (2, 2)).astype(np.float64)
    center = corners.mean(axis=0)
    return (center + padding * (corners - center)).ravel()


def write_results(
    out_dir: Path,
    paths: list[Path],
    images: list[np.ndarray],
    outputs: dict[str, np.ndarray],
    faces: np.ndarray,
    frame: str,
) -> None:
    """Write the JSON file, pictures and meshes of the last stage into a folder that
    is there."""
    suffix = '_fused' if 'vertices_fused' in outputs else ''
    conventions = dict(CONVENTIONS, keypoints_cam=CONVENTIONS['keypoints_cam'] + frame)
    content = dict(conventions=conventions, images=[])
    for row, (path, image) in enumerate(zip(paths, images)):
        content['images'].append(
            {
                'image': str(path),
                **{
                    name: np.round(value[row].astype(float), 6).tolist()
                    for name, value in outputs.items()
                    if 'vertices' not in name
                },
            }
        )
        picture = image.copy()
        points = np.round(16 * outputs[f'keypoints{suffix}'][row]).astype(int)
        for parent, child in BONES:
            cv2.line(
                picture,
                points[parent].tolist(),
                points[child].tolist(),
                COLORS[(child - 1) // 4],
                1,
                cv2.LINE_AA,
                4,
            )
        name = f'{row}_{path.stem}'
        write(out_dir / f'{name}.png', cv2.imencode('.png', picture)[1].tobytes())
        lines = [f'# metres, root-relative, in {frame}']
        lines += [
            'v {:.6f} {:.6f} {:.6f}'.format(*vertex)
            for vertex in outputs[f'vertices{suffix}'][row]
        ]
        lines += ['f {} {} {}'.format(*(face + 1)) for face in faces]
        write(out_dir / f'{name}.obj', '\n'.join([*lines, '']).encode())
    write(out_dir / 'predictions.json', (json.dumps(content) + '\n').encode())


def make_folder(path: Path) -> None:
    """Make a folder for the results, if it is not there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(
            f'no folder {path} can be made: {error.strerror}. Name another by --out-dir'
        ) from error


def write(path: Path, content: bytes) -> None:
    """Write a file, completely or not at all."""
    part = path.with_name(path.name + '.part')
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise SystemExit(
            f'{path} cannot be written: {error.strerror}. If the disk is full, make '
            'room, and run it again'
        ) from error
    finally:
        part.unlink(missing_ok=True)


def in_image(box: Sequence[float], image: np.ndarray) -> bool:
    """Whether a box (x1, y1, x2, y2) has a part of the image."""
    height, width = image.shape[:2]
    return box[0] < width and box[1] < height and box[2] > 0 and box[3] > 0


def read_image(path: Path) -> np.ndarray | None:
    """BGR, or None. From memory: cv2.imread takes images that are cut off."""
    if not path.is_file() or not path.stat().st_size:
        return None
    return cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)


def main() -> None:
    args = parse_args()
    make_folder(args.out_dir)
    network = HandNetwork(args.model)
    images = [read_image(path) for path in args.images]
    for path, image in zip(args.images, images):
        if image is None:
            raise SystemExit(f'{path} is no image that OpenCV can read')
        if args.bbox and not in_image(args.bbox, image):
            raise SystemExit(
                f'--bbox is outside of {path}, which is {image.shape[1]} x '
                f'{image.shape[0]} pixels'
            )
    boxes = [
        padded(args.bbox or (0, 0, image.shape[1], image.shape[0]), args.padding)
        for image in images
    ]
    rotations, intrinsics = read_calibration(args, network.multi_view)
    outputs = network(images, boxes, args.hand, rotations, intrinsics)
    frame = CAMERA_FRAME if network.in_camera_frame(intrinsics) else CROP_FRAME
    write_results(
        args.out_dir, args.images, images, outputs, network.mesh_faces(args.hand), frame
    )
    print(f'wrote the results of {len(images)} images to {args.out_dir}')


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        # 128 + SIGINT, as a shell has it
        print('\nInterrupted; what was written is whole.', file=sys.stderr)
        sys.exit(130)
