# H2O: docs/datasets/h2o.md
_base_ = ['./hand_views_256x256.py']

dataset_type = 'H2ODataset'
data_root = '{{$H2O_ROOT:data/h2o/}}'
hands = dict(type=dataset_type, data_root=data_root)

train_dataloader = dict(dataset=dict(dataset=hands))
val_dataloader = dict(dataset=dict(dataset=dict(hands, split='test')))
test_dataloader = val_dataloader
