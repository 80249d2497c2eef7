# HO-3D version 3: docs/datasets/ho3d.md
_base_ = ['../dataloaders/images.py', '../pipelines/hand_box_256x256.py']

dataset_type = 'HO3DDataset'
data_root = '{{$HO3D_ROOT:data/ho3d/}}'
hands = dict(type=dataset_type, data_root=data_root)

# right hands alone
train_pipeline = [s for s in _base_.train_pipeline if s['type'] != 'MirrorLeftHand']
val_pipeline = [s for s in _base_.val_pipeline if s['type'] != 'MirrorLeftHand']

train_dataloader = dict(dataset=dict(hands, split='train', pipeline=train_pipeline))
val_dataloader = dict(
    dataset=dict(
        hands,
        split='evaluation',
        with_vertices=True,
        pipeline=val_pipeline,
        test_mode=True,
    )
)
test_dataloader = val_dataloader

val_evaluator = dict(type='HO3DMetric')
# also the file for the challenge's server
test_evaluator = [val_evaluator, dict(type='DumpHO3D', out_file='pred.json')]
