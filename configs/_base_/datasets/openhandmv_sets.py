# OpenHandMV, generated hands in HanCo's layout, whose splits.json says what is for
# training, validation and test. openhandmv.py and openhandmv_images.py load it.
_base_ = ['../pipelines/openhandmv_128x128.py']

dataset_type = 'HanCoDataset'
data_root = '{{$OPENHANDMV_ROOT:data/openhandmv/}}'
hands = dict(
    type=dataset_type,
    data_root=data_root,
    # the hand stands in the middle of every image
    bbox_mode='fixed',
    fixed_bbox=(0, 0, 128, 128),
)
train_set = dict(hands, split='train', pipeline=_base_.train_pipeline)
# the truth is of the open hand
held_out = dict(hands, hand_model=dict(path=None), pipeline=_base_.val_pipeline)
val_set = dict(held_out, split='val')
test_set = dict(held_out, split='test')
