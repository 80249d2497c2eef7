"""How many images a second the single-view network does, on this machine.

Crop, network and drawing of one image after another, as in
demo/webcam_demo.py, with PyTorch and, where it is installed, with onnxruntime.
The speed does not depend on the weights, which are random.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGE_SIZE = (640, 480)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--config',
        default=str(ROOT / 'configs/hand_3d_keypoint/hamuco/hanco/'
                    'td-mano_res18_hanco-256x256.py'),
        help='of the network (default: ResNet-18 at 256x256)')
    parser.add_argument(
        '--num-threads',
        type=int,
        default=min(2, os.cpu_count()),
        help='of the network (default: %(default)s)')
    parser.add_argument(
        '--num-images',
        type=int,
        default=60,
        help='how many are timed (default: %(default)s)')
    parser.add_argument(
        '--out',
        default='work_dirs/benchmarks/live.json',
        help='default: %(default)s')
    return parser.parse_args()


def build_model(path: str):
    """The config's network with the open hand and random weights."""
    from mmengine.config import Config
    from mmengine.registry import init_default_scope
    from mmpose.registry import MODELS
    init_default_scope('mmpose')
    cfg = Config.fromfile(path)
    cfg.model.head.hand_model = dict(path=None)
    return MODELS.build(cfg.model).eval()


def measure(estimator, images) -> dict:
    """Median milliseconds a step, and images a second.

    ``cpu_ms`` is the processor time of an image, over all threads: unlike the
    rest it hardly depends on what else the machine does.
    """
    import cv2

    from hamuco_mm.visualization import paint_mesh, place_on_image
    height, width = images[0].shape[:2]
    left = (width - height) / 2
    bbox = (left, 0, left + height, height)
    steps, cpu = dict(predict=[], draw=[]), []
    for index, image in enumerate(images):
        cpu_start, start = time.process_time(), time.perf_counter()
        hand = estimator(image, bbox)
        predicted = time.perf_counter()
        picture = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        pixels = place_on_image(hand.vertices, hand.keypoints_cam,
                                hand.keypoints)
        paint_mesh(picture, hand.vertices, estimator.faces, pixels)
        drawn = time.perf_counter()
        if index >= 5:  # the first ones are slower
            steps['predict'].append(predicted - start)
            steps['draw'].append(drawn - predicted)
            cpu.append(time.process_time() - cpu_start)
    result = {
        f'{name}_ms': round(1000 * statistics.median(seconds), 2)
        for name, seconds in steps.items()
    }
    result['cpu_ms'] = round(1000 * statistics.median(cpu), 2)
    both = [sum(pair) for pair in zip(*steps.values())]
    result['frames_per_second'] = round(1 / statistics.median(both), 1)
    return result


def main() -> None:
    args = parse_args()

    import cv2
    import numpy as np
    import torch

    import hamuco_mm  # noqa: F401, makes mmpose importable with mmcv-lite
    from hamuco_mm.apis.live import LiveEstimator

    cv2.setNumThreads(args.num_threads)
    torch.set_num_threads(args.num_threads)
    model = build_model(args.config)
    random = np.random.default_rng(0)
    images = [
        random.integers(0, 255, (*IMAGE_SIZE[::-1], 3), np.uint8)
        for _ in range(args.num_images + 5)
    ]
    results = dict(
        config=Path(args.config).stem,
        image_size=IMAGE_SIZE,
        num_threads=args.num_threads,
        num_images=args.num_images,
        machine=dict(
            processor=_processor(),
            cpu_count=os.cpu_count(),
            load_before=round(os.getloadavg()[0], 2),
            torch=torch.__version__),
        pytorch=measure(LiveEstimator.from_model(model), images))
    try:
        import onnxruntime
        from hamuco_mm.export.onnx_file import export_onnx
        from hamuco_mm.export.onnx_graphs import SingleViewGraph
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / 'live.onnx'
            export_onnx(SingleViewGraph(model), path)
            estimator = LiveEstimator.from_onnx(
                str(path), num_threads=args.num_threads)
            results['onnxruntime'] = measure(estimator, images)
        results['machine']['onnxruntime'] = onnxruntime.__version__
    except ImportError as error:
        print(f'without onnxruntime: {error}')
    path = Path(args.out)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + '\n')
    print(json.dumps(results, indent=1))


def _processor() -> str:
    for line in Path('/proc/cpuinfo').read_text().splitlines():
        if line.startswith('model name'):
            return line.partition(':')[2].strip()
    return platform.processor()


if __name__ == '__main__':
    main()
