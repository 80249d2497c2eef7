# A rig of your own, as tools/dataset_converters/rig2coco.py makes it; see
# docs/your_own_rig.md. A config that goes on from here names the pipelines.
# `sequences=['0000', ...]` of the data set splits recordings.
_base_ = ['../dataloaders/time_steps.py']

dataset_type = 'RigHandDataset'
data_root = '{{$RIG_ROOT:data/my_rig/}}'
# '' for a folder of labels
ann_file = 'rig.json'
hands = dict(type=dataset_type, data_root=data_root, ann_file=ann_file)

train_dataloader = dict(
    num_workers=4,
    # 20 batches an epoch at least: a short recording is passed through several times
    sampler=dict(type='RepeatedSampler', min_samples=160),
    dataset=dict(view_order='random', dataset=hands),
)
val_dataloader = dict(num_workers=4, dataset=dict(dataset=hands))
test_dataloader = val_dataloader

# without 3D truth: how far projections are from the 2D labels
val_evaluator = dict(type='ReprojectionMetric')
test_evaluator = val_evaluator
