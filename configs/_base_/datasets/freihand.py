# FreiHAND with its 3D labels: docs/datasets/freihand.md
_base_ = ['../dataloaders/stacked_images.py', '../pipelines/freihand_256x256.py']

dataset_type = 'FreiHAND3DDataset'
data_root = '{{$FREIHAND_ROOT:data/freihand/}}'
hands = dict(type=dataset_type, data_root=data_root)
train_set = dict(hands, split='training', pipeline=_base_.train_pipeline)
test_set = dict(hands, split='evaluation', pipeline=_base_.val_pipeline)

train_dataloader = dict(dataset=train_set)
val_dataloader = dict(dataset=dict(test_set, with_vertices=True))
test_dataloader = val_dataloader

val_evaluator = dict(type='FreiHANDMetric')
# also the file for the challenge's server
test_evaluator = [val_evaluator, dict(type='DumpFreiHAND', out_file='pred.json')]
