# What happens to one image of a rig when a trained network is fine-tuned: labels
# alone, whatever 3D truth the rig has, and every rotation.
_base_ = ['./rig_256x256.py']

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='MirrorLeftHand'),
    dict(type='GetBBoxCenterScale', padding=1.5),
    dict(type='RandomCropBox', scale=(0.85, 1.15), rotation=180),
    dict(type='FastTopdownAffine', input_size=_base_.codec.input_size),
    dict(type='RemoveLabels', keys=('keypoints_cam', 'vertices')),
    dict(type='ViewingRayRotation'),
    dict(type='GenerateTarget', encoder=_base_.codec),
    dict(type='PackHandInputs'),
]
