# AssemblyHands, egocentric images: docs/datasets/assemblyhands.md
_base_ = ['./hand_views_256x256.py']

dataset_type = 'AssemblyHandsDataset'
data_root = 'data/assemblyhands/'

train_dataloader = dict(
    dataset=dict(dataset=dict(type=dataset_type, data_root=data_root))
)
val_dataloader = dict(
    dataset=dict(dataset=dict(type=dataset_type, data_root=data_root, split='val'))
)
test_dataloader = val_dataloader
