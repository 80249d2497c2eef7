# DexYCB, setup s0: docs/datasets/dexycb.md
_base_ = ['./hand_views_256x256.py']

dataset_type = 'DexYCBDataset'
data_root = 'data/dexycb/'

train_dataloader = dict(
    dataset=dict(dataset=dict(type=dataset_type, data_root=data_root))
)
val_dataloader = dict(
    dataset=dict(dataset=dict(type=dataset_type, data_root=data_root, split='test'))
)
test_dataloader = val_dataloader
