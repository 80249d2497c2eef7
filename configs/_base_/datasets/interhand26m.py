# InterHand2.6M, single hands: docs/datasets/interhand.md
_base_ = ['./hand_views_256x256.py']

dataset_type = 'InterHand26MDataset'
data_root = 'data/interhand26m/'

train_dataloader = dict(
    dataset=dict(num_views=8, dataset=dict(type=dataset_type, data_root=data_root))
)
val_dataloader = dict(
    dataset=dict(
        num_views=8, dataset=dict(type=dataset_type, data_root=data_root, split='test')
    )
)
test_dataloader = val_dataloader
