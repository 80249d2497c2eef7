"""Installation of hamuco_mm; pyproject.toml only names setuptools as the builder."""

import os
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py
from setuptools.command.editable_wheel import editable_wheel

ROOT = Path(__file__).resolve().parent
# What MIM looks for in hamuco_mm/.mim of an installed package.
# demo/ is not among them: `mim train hamuco_mm hamuco_demo.py` looks a config up
# by its name in all of them, and demo/ has a file of that name.
MIM_ITEMS = ('configs', 'tools', 'model-index.yml', 'dataset-index.yml')


def read_version() -> str:
    namespace = {}
    exec((ROOT / 'hamuco_mm/version.py').read_text(), namespace)
    return namespace['__version__']


def read_requirements(name: str) -> list:
    """The lines of requirements/<name>.txt without comments."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line for line in map(str.strip, lines) if line and not line.startswith('#')]


def mim_items() -> list:
    return [ROOT / name for name in MIM_ITEMS if (ROOT / name).exists()]


def link_mim_items() -> None:
    """Links in the source tree, so that an editable install follows edits."""
    target = ROOT / 'hamuco_mm' / '.mim'
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for item in mim_items():
        (target / item.name).symlink_to(os.path.relpath(item, target))


def copy_mim_items(package: Path) -> None:
    """Copies in a build of the package; the source tree stays as it is."""
    target = package / '.mim'
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for item in mim_items():
        if item.is_dir():
            shutil.copytree(
                item,
                target / item.name,
                ignore=shutil.ignore_patterns('__pycache__', '*.pyc'),
            )
        else:
            shutil.copy2(item, target)


class BuildWithMim(build_py):
    """For wheels and ``pip install .``: copies in the build."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            copy_mim_items(Path(self.build_lib) / 'hamuco_mm')


class EditableWithMim(editable_wheel):
    """For ``pip install -e .``: links in the source tree, which MIM is led to.

    openmim takes ``<location>/<first line of top_level.txt>`` for the package's
    folder if there is no ``<location>/hamuco_mm``. Location is site-packages,
    where an editable install has nothing but its metadata, and an absolute path
    in that line stands for itself. (onedl-mim asks pip where the sources are.)
    """

    def run(self) -> None:
        link_mim_items()
        if self.dist_info_dir is None:  # pip has it made beforehand, others do not
            dist_info = self.reinitialize_command('dist_info')
            dist_info.output_dir = self.dist_dir
            dist_info.ensure_finalized()
            dist_info.run()
            self.dist_info_dir = dist_info.dist_info_dir
        top_level = Path(self.dist_info_dir) / 'top_level.txt'
        top_level.write_text(f'{ROOT / "hamuco_mm"}\nhamuco_mm\n')
        super().run()


EXTRAS = {
    'mim': read_requirements('mminstall'),
    'tests': read_requirements('tests'),
    'lint': read_requirements('lint'),
    'docs': read_requirements('docs'),  # tools/build_docs.sh
    'photo': ['scikit-image>=0.21'],  # photographs behind generated hands
    'lmdb': ['lmdb>=1.3'],  # images in one file a folder
    'hdf5': ['h5py>=3.8'],  # labels of DeepLabCut in .h5 files
    'render': ['moderngl>=5.10'],  # generated data on the graphics card
    'open-hand': ['anny', 'trimesh>=4.0'],  # making the open hand anew
    # exporting networks, and running them
    'onnx': ['onnx>=1.17', 'onnxruntime>=1.20', 'onnxscript>=0.5'],
    # its palm detector; later releases bring no hand models. Its protobuf is not
    # that of 'onnx', so 'all' has not got it
    'mediapipe': ["mediapipe==0.10.21; python_version < '3.13'"],
    '3d': ['trimesh>=4.0'],  # meshes for other 3D programs
    'tensorboard': ['tensorboard>=2.12'],  # its logs of a training
    # F-scores on a CPU in a tenth of the time, JPEGs in four fifths
    'speed': ['numba>=0.59', 'simplejpeg>=1.7'],
}
EXTRAS['all'] = sorted(
    {line for name, lines in EXTRAS.items() for line in lines if name != 'mediapipe'}
)

if __name__ == '__main__':
    readme = ROOT / 'README.md'
    setup(
        name='hamuco_mm',
        version=read_version(),
        description='HaMuCo, hand pose from multiple views without 3D labels, '
        'as a plugin of MMPose',
        long_description=readme.read_text() if readme.exists() else '',
        long_description_content_type='text/markdown',
        author='the hamuco_mm maintainers',
        license='Apache License 2.0',
        keywords='computer vision, hand pose estimation, hand mesh, '
        'multi-view, self-supervised, MMPose',
        classifiers=[
            'Development Status :: 4 - Beta',
            'License :: OSI Approved :: Apache Software License',
            'Operating System :: POSIX :: Linux',
            'Programming Language :: Python :: 3',
            'Programming Language :: Python :: 3.10',
            'Programming Language :: Python :: 3.11',
            'Programming Language :: Python :: 3.12',
            'Programming Language :: Python :: 3.13',
        ],
        python_requires='>=3.10,<3.14',
        packages=find_packages(include=['hamuco_mm', 'hamuco_mm.*']),
        package_data={
            'hamuco_mm': [
                'hand_model/*.npz',
                'hand_model/*.md',
                'weights/*.pth',
                'weights/*.md',
                'visualization/page/*',
            ],
        },
        # MMPose, MMDetection, mmcv and MMEngine are not here: pip would resolve
        # them, and with them chumpy, which does not build in isolation; and it
        # would put them over their forks, which have the same folders. The extra
        # 'mim' and requirements/mminstall.txt name them.
        install_requires=read_requirements('runtime'),
        extras_require=EXTRAS,
        cmdclass=dict(build_py=BuildWithMim, editable_wheel=EditableWithMim),
        zip_safe=False,
    )
