# Real photographs in HanCo's layout, to test weights on: labels in 2D, and joints in
# 3D (xyz) where there are some. Boxes are those of the labels.
_base_ = ['../dataloaders/images.py', '../pipelines/generated_wild_96x96.py']

dataset_type = 'HanCoDataset'
data_root = '{{$PHOTOS_ROOT:data/photographs/}}'

test_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        type=dataset_type, data_root=data_root, pipeline=_base_.val_pipeline
    ),
)
test_evaluator = [dict(type='ReprojectionMetric'), dict(type='HandMeshMetric')]
