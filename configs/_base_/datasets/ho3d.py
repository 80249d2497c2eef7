# HO-3D version 3: docs/datasets/ho3d.md
_base_ = ['../dataloaders/stacked_images.py', '../pipelines/right_hand_box_256x256.py']

dataset_type = 'HO3DDataset'
data_root = '{{$HO3D_ROOT:data/ho3d/}}'
hands = dict(type=dataset_type, data_root=data_root)
train_set = dict(hands, split='train', pipeline=_base_.train_pipeline)
test_set = dict(hands, split='evaluation', pipeline=_base_.val_pipeline)

train_dataloader = dict(dataset=train_set)
val_dataloader = dict(dataset=dict(test_set, with_vertices=True))
test_dataloader = val_dataloader

val_evaluator = dict(type='HO3DMetric')
# also the file for the challenge's server
test_evaluator = [val_evaluator, dict(type='DumpHO3D', out_file='pred.json')]
