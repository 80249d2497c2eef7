"""One file lists all that a run did not use."""

import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner

from hamuco_mm.utils.left_out import LeftOutFile


class Model(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))

    def forward(self, inputs, data_samples=None, mode='loss'):
        return dict(loss=self.weight * len(inputs))


def train(tree, work_dir, multiview, **loader) -> str:
    dataset = dict(
        type='HanCoDataset',
        data_root=str(tree.root),
        pipeline=[
            dict(type='LoadImage'),
            dict(type='GetBBoxCenterScale'),
            dict(type='FastTopdownAffine', input_size=(16, 16)),
            dict(type='PackHandInputs'),
        ],
    )
    if multiview:
        dataset = dict(type='MultiViewDataset', dataset=dataset)
        loader['collate_fn'] = dict(type='multiview_collate')
    runner = Runner(
        Model(),
        work_dir=str(work_dir),
        train_dataloader=dict(
            dataset=dataset,
            batch_size=2,
            sampler=dict(type='DefaultSampler', shuffle=False),
            **loader,
        ),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3)),
        train_cfg=dict(by_epoch=True, max_epochs=2),
        custom_hooks=[dict(type='LeftOutHook')],
        default_scope='mmpose',
        experiment_name=f'left_out_{work_dir.parent.name}_{work_dir.name}',
    )
    runner.train()
    path = work_dir / 'left_out.tsv'
    return path.read_text() if path.exists() else ''


def test_all_that_is_left_out_is_listed_once(make_tree, tmp_path):
    tree = make_tree()
    label, xyz = tree.label_path(0, 0, 1), tree.frame_path('xyz', 0, 1)
    picture = tree.image_path(0, 1, 0)
    label.write_text('{}')
    xyz.write_text('[')
    picture.write_bytes(b'no image')
    for number, settings in enumerate(
        [
            dict(multiview=True, num_workers=0),
            dict(multiview=False, num_workers=2, persistent_workers=False),
        ]
    ):
        listed = train(tree, tmp_path / str(number), **settings).splitlines()
        assert len(listed) == len(set(listed)) == 3
        for path, reason in (
            (label, 'the 2D label is not readable'),
            (xyz, 'without 3D joints'),
            (picture, 'the image cannot be read'),
        ):
            (line,) = [line for line in listed if str(path) in line]
            assert reason in line.partition('\t')[2]


def test_there_is_no_file_where_all_is_used(make_tree, tmp_path):
    assert train(make_tree(), tmp_path / 'run', multiview=True, num_workers=0) == ''


def test_lines_are_whole_and_appear_once(tmp_path):
    file = LeftOutFile(tmp_path / 'list.tsv')
    assert file.read() == [] and file.tidy() == 0
    assert file.add([('a\tb\nc', 'first'), ('a\tb\nc', 'first')])
    assert not file.add([('a\tb\nc', 'first')])
    assert LeftOutFile(file.path).add([('a b c', 'first'), ('0', 'why')])
    assert len(file.read()) == 3
    assert file.tidy() == 2
    assert file.read() == [('0', 'why'), ('a b c', 'first')]


def test_the_first_of_a_kind_is_that_of_all_processes(tmp_path):
    one, other = (LeftOutFile(tmp_path / 'list.tsv') for _ in range(2))
    assert one.add_first_of_kind('a', 'cut short')
    assert not other.add_first_of_kind('b', 'cut short')
    assert other.add_first_of_kind('b', 'no label')
    assert not one.add_first_of_kind('a', 'no label')
    for file in (one, other, LeftOutFile(one.path)):
        assert not file.add_first_of_kind('a', 'cut short')
        assert not file.add_first_of_kind('c', 'cut short')
    file.tidy()
    assert file.read() == [
        ('a', 'cut short'),
        ('a', 'no label'),
        ('b', 'cut short'),
        ('b', 'no label'),
        ('c', 'cut short'),
    ]


def test_one_line_a_kind_on_the_screen(make_tree, tmp_path):
    """Not one for each file, each process and each epoch."""
    tree = make_tree(sequences={0: 4})
    broken = [tree.image_path(0, frame, 0) for frame in range(4)]
    for path in broken:
        path.write_bytes(b'no image')
    workers = dict(num_workers=2, persistent_workers=False)
    listed = train(tree, tmp_path / 'run', multiview=True, **workers).splitlines()
    assert len(listed) == 4
    (log,) = (tmp_path / 'run').glob('*/*.log')
    said = [line for line in log.read_text().splitlines() if 'cannot be read' in line]
    # two workers may meet their first at the same moment
    assert 1 <= len(said) <= 2
    assert 'left_out.tsv' in said[0]
