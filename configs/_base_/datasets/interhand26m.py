# InterHand2.6M, single hands: docs/datasets/interhand.md
_base_ = ['./hand_views_256x256.py']

dataset_type = 'InterHand26MDataset'
data_root = '{{$INTERHAND26M_ROOT:data/interhand26m/}}'
hands = dict(type=dataset_type, data_root=data_root)
# its hand model makes the meshes of the truth, for MPVPE and F-scores
test_set = dict(hands, split='test', hand_model=dict(path='head'))

train_dataloader = dict(dataset=dict(num_views=8, dataset=hands))
val_dataloader = dict(dataset=dict(num_views=8, dataset=test_set))
test_dataloader = val_dataloader
