# Other generated subjects, poses and backgrounds than the demo's:
#   python tools/misc/generate_demo_data.py data/hamuco_pretrain ...
_base_ = ['./generated_images.py']

data_root = 'data/hamuco_pretrain/'
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.0),
    dict(type='RandomCropBox', shift=10, scale=(0.85, 1.15), rotation=40),
    dict(type='FastTopdownAffine', input_size=_base_.codec.input_size),
    dict(type='GenerateTarget', encoder=_base_.codec),
    dict(type='PackHandInputs'),
]

# the last sequences are held out, to watch the training
hands = dict(data_root=data_root, split_sequence=990)
train_dataloader = dict(
    num_workers=2, drop_last=True, dataset=dict(hands, pipeline=train_pipeline)
)
val_dataloader = dict(batch_size=128, dataset=hands)
test_dataloader = val_dataloader
