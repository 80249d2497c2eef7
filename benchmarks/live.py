"""Images per second of the single-view ResNet-18 at 256x256, one at a time.

Crop, network and drawing, as in demo/webcam_demo.py, with PyTorch and, where
it is installed, onnxruntime. --cpu-time with --threads 1 measures one thread
as if the machine were idle.
"""

import argparse
import tempfile
from pathlib import Path

from _network import build_network
from _timing import interleaved, make_parser, milliseconds, prepare, print_table, report

IMAGE_SIZE = (640, 480)


def build_estimators(threads: int | None, folder: Path) -> dict:
    """Estimators with random weights, by the name of their runtime."""
    from mmengine.utils import is_installed

    from hamuco_mm.apis.live import LiveEstimator

    model = build_network(18).eval()
    estimators = dict(pytorch=LiveEstimator.from_model(model))
    if all(map(is_installed, ('onnx', 'onnxruntime', 'onnxscript'))):
        from hamuco_mm.export.onnx_file import export_onnx
        from hamuco_mm.export.onnx_graphs import SingleViewGraph

        path = folder / 'live.onnx'
        export_onnx(SingleViewGraph(model), path)
        estimators['onnxruntime'] = LiveEstimator.from_onnx(
            str(path), num_threads=threads
        )
    else:
        print('PyTorch only: pip install -e ".[onnx]" for onnxruntime')
    return estimators


def build_parser() -> argparse.ArgumentParser:
    return make_parser(__doc__)


def main() -> None:
    args = build_parser().parse_args()
    prepare(args)

    import cv2
    import numpy as np
    import torch

    from hamuco_mm.visualization import paint_mesh, place_on_image

    cv2.setNumThreads(args.threads or torch.get_num_threads())
    width, height = IMAGE_SIZE
    image = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    left = (width - height) / 2
    bbox = (left, 0, left + height, height)

    def draw(hand, faces):
        picture = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        pixels = place_on_image(hand.vertices, hand.keypoints_cam, hand.keypoints)
        paint_mesh(picture, hand.vertices, faces, pixels)

    def predict_and_draw(estimator):
        return lambda: draw(estimator(image, bbox), estimator.faces)

    with tempfile.TemporaryDirectory() as folder:
        estimators = build_estimators(args.threads, Path(folder))
    hand = estimators['pytorch'](image, bbox)
    functions = {
        name: predict_and_draw(estimator) for name, estimator in estimators.items()
    }
    functions['drawing_alone'] = lambda: draw(hand, estimators['pytorch'].faces)
    seconds = interleaved(functions, args.rounds or (2 if args.quick else 60), warmup=3)
    times = {name: milliseconds(values) for name, values in seconds.items()}
    print_table('milliseconds per image', ('', 'ms'), times.items())
    report(
        'live',
        args,
        {
            f'live_images_per_second_{name}'
            + (' (target >= 15)' if name == 'onnxruntime' else ''): round(
                1000 / times[name], 1
            )
            for name in estimators
        },
        milliseconds=times,
    )


if __name__ == '__main__':
    main()
