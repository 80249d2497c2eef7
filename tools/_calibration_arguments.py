"""How calibration files are given on the command lines of several tools.

Free of heavy imports, as the tools answer --help at once.
"""

import argparse

# hamuco_mm.cameras.FORMATS, without its import
CALIBRATION_FORMATS = [
    'hanco',
    'multical',
    'mc_calib',
    'kalibr',
    'ros',
    'easymocap',
    'xrprimer',
    'jarvis',
    'nerfstudio',
    'stereo',
    'toml',
    'json',
    'opencv',
    'colmap',
]


# What `add_calibration_arguments` adds that says how a calibration is read.
CALIBRATION_WORDS = [
    '--format',
    '--extrinsics',
    '--axes',
    '--unit',
    '--camera-names',
    '--rescale-intrinsics',
]


class PairsAction(argparse.Action):
    """Words NAME=VALUE as a dict; ``value_type`` reads the values."""

    def __init__(self, *args, value_type: type = str, **kwargs):
        kwargs.setdefault('default', {})
        super().__init__(*args, **kwargs)
        self.value_type = value_type

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        pairs = {}
        for word in values:
            name, equals, value = word.partition('=')
            if not equals:
                expected = self.metavar.partition('=')[0]
                parser.error(f'{option_string} {word}: expected {expected}=...')
            if name in pairs:
                parser.error(f'{option_string} names {name} twice')
            try:
                pairs[name] = self.value_type(value)
            except ValueError as error:
                parser.error(f'{option_string}: {error}')
        setattr(namespace, self.dest, pairs)


def add_calibration_arguments(parser: argparse.ArgumentParser, view: str) -> None:
    """Add what a calibration file does not say itself.

    Args:
        view (str): What a recording of one camera is called, in capitals.
    """
    parser.add_argument(
        '--format',
        choices=CALIBRATION_FORMATS,
        help='of the calibration (default: what its content has the form of)',
    )
    parser.add_argument(
        '--extrinsics',
        choices=['world2cam', 'cam2world', 'centre', 'transposed'],
        help='what R and t of the calibration mean: x_cam = R x + t; '
        'x = R x_cam + t; x_cam = R (x - t); x_cam = R^T x + t',
    )
    parser.add_argument(
        '--axes',
        choices=['opencv', 'opengl'],
        help="the cameras' axes: x right, y down, z forward; or x right, y "
        'up, z backward (default: opencv)',
    )
    parser.add_argument(
        '--unit', help='of the translations: m, cm, mm or metres per unit'
    )
    parser.add_argument(
        '--camera-names',
        nargs='+',
        action=PairsAction,
        metavar=f'{view}=NAME',
        help=f'what a {view.lower()} is called in the calibration, where that is not '
        'its name here',
    )
    parser.add_argument(
        '--rescale-intrinsics',
        action='store_true',
        help='the images are a resized version of those that were calibrated',
    )
    parser.add_argument(
        '--offset',
        nargs='+',
        action=PairsAction,
        value_type=int,
        metavar=f'{view}=N',
        help=f'frame N of this {view.lower()} is time step 0 (default: 0)',
    )
