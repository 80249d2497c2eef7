# AssemblyHands, egocentric images: docs/datasets/assemblyhands.md
_base_ = ['./hand_views_256x256.py']

dataset_type = 'AssemblyHandsDataset'
data_root = '{{$ASSEMBLYHANDS_ROOT:data/assemblyhands/}}'
hands = dict(type=dataset_type, data_root=data_root)

train_dataloader = dict(dataset=dict(dataset=hands))
val_dataloader = dict(dataset=dict(dataset=dict(hands, split='val')))
test_dataloader = val_dataloader
