# HanCo as HaMuCo uses it, sequences below 1200 to train, the others to test:
# docs/data.md. hanco.py and hanco_images.py load it.
_base_ = ['../pipelines/hanco_256x256.py']

dataset_type = 'HanCoDataset'
data_root = '{{$HANCO_ROOT:data/hanco/}}'
hands = dict(type=dataset_type, data_root=data_root, bbox_mode='fixed')
train_set = dict(
    hands, split='train', data_prefix=dict(img='rgb'), pipeline=_base_.train_pipeline
)
# its hand model makes the meshes of the truth, for MPVPE and F-scores
test_set = dict(
    hands,
    split='test',
    data_prefix=dict(img='rgb_merged'),
    pipeline=_base_.val_pipeline,
    hand_model=dict(path='head'),
)
