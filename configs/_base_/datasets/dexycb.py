# DexYCB, setup s0: docs/datasets/dexycb.md
_base_ = ['./hand_views_256x256.py']

dataset_type = 'DexYCBDataset'
data_root = '{{$DEXYCB_ROOT:data/dexycb/}}'
hands = dict(type=dataset_type, data_root=data_root)

train_dataloader = dict(dataset=dict(dataset=hands))
# its hand model makes the meshes of the truth, for MPVPE and F-scores
val_dataloader = dict(
    dataset=dict(dataset=dict(hands, split='test', hand_model=dict(path='head')))
)
test_dataloader = val_dataloader
