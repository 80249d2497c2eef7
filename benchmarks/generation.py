"""How many images a core makes: scenes, backgrounds, labels, pictures, JPEG files.

Time steps of eight cameras with 128 px, of each look, as
tools/misc/generate_demo_data.py writes them; nothing goes to a disk.
"""

import argparse
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from _timing import interleaved, make_parser, prepare, print_table, ratio, report

if TYPE_CHECKING:
    from hamuco_mm.synthesis import SceneGenerator

SIZE = 128
# Time steps of a sequence: those of the demo, of the package's weights.
FRAMES = dict(rig=10, lab=10, wild=2, photo=2)


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument(
        '--photos', metavar='FOLDER', help='photographs behind half of the hands'
    )
    return parser


class Sequences:
    """Sequences one after the other, each part of one by itself.

    Args:
        generator (SceneGenerator): Of the look.
        frames (int): Time steps of a sequence.
    """

    def __init__(self, generator: 'SceneGenerator', frames: int) -> None:
        self.generator, self.frames = generator, frames
        self.index = -1

    def parts(self) -> dict[str, Callable[[], None]]:
        """Name -> function; called in this order they make a sequence."""
        return dict(
            scene=self.draw_scene,
            backgrounds=self.draw_backgrounds,
            labels=self.draw_labels,
            pictures=self.render,
            JPEG=self.encode,
        )

    def draw_scene(self) -> None:
        self.index += 1
        self.scene = self.generator.scene(self.index, self.frames)

    def draw_backgrounds(self) -> None:
        self.backgrounds = self.generator.backgrounds(self.scene)

    def draw_labels(self) -> None:
        self.generator.labels(self.scene)

    def render(self) -> None:
        render = partial(self.generator.render, self.scene)
        self.images = [
            render(frame, backgrounds=self.backgrounds) for frame in range(self.frames)
        ]

    def encode(self) -> None:
        import cv2

        sensors = self.generator.sensors(self.scene)
        for images in self.images:
            for image, sensor in zip(images, sensors):
                quality = [cv2.IMWRITE_JPEG_QUALITY, sensor.jpeg_quality]
                cv2.imencode('.jpg', image, quality)


def main() -> None:
    args = build_parser().parse_args()
    prepare(args, len(FRAMES))
    import cv2

    from hamuco_mm.synthesis import SceneGenerator
    from hamuco_mm.synthesis.looks import look_as

    # a worker process of the command has one core
    cv2.setNumThreads(1)
    rounds = args.rounds or (1 if args.quick else 40)
    ratios, rows = {}, {}
    for look, frames in FRAMES.items():
        config = look_as(look, dict(image_size=SIZE, photos=args.photos or False))
        sequences = Sequences(SceneGenerator(0, 'pretrain', config), frames)
        seconds = interleaved(sequences.parts(), rounds, warmup=1 if args.quick else 8)
        whole = [sum(times) for times in zip(*seconds.values())]
        images = frames * sequences.scene.num_views * len(whole)
        per_second = round(images / sum(whole), 1)
        rows[look] = {
            'images per second': per_second,
            **{
                f'{name}, ms an image': round(1000 * sum(times) / images, 3)
                for name, times in seconds.items()
            },
        }
        ratios[f'images_per_second_{look} (target >= 150)'] = per_second
        ratios[f'image_over_jpeg_{look}'] = ratio(whole, seconds['JPEG'])
    header = next(iter(rows.values()))
    print_table(
        f'{SIZE} px, one core',
        ('look', *header),
        [(look, *row.values()) for look, row in rows.items()],
    )
    report('generation', args, ratios, looks=rows)


if __name__ == '__main__':
    main()
