# H2O: docs/datasets/h2o.md
_base_ = ['./hand_views_256x256.py']

dataset_type = 'H2ODataset'
data_root = 'data/h2o/'

train_dataloader = dict(
    dataset=dict(dataset=dict(type=dataset_type, data_root=data_root))
)
val_dataloader = dict(
    dataset=dict(dataset=dict(type=dataset_type, data_root=data_root, split='test'))
)
test_dataloader = val_dataloader
