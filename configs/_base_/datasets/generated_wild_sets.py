# Generated photographs, in HanCo's layout:
#   python tools/misc/generate_demo_data.py data/hamuco_wild --look wild ...
# generated_wild.py and generated_wild_images.py load them.
_base_ = ['../pipelines/generated_wild_96x96.py']

dataset_type = 'HanCoDataset'
data_root = '{{$WILD_ROOT:data/hamuco_wild/}}'
# the last sequences are held out, to watch the training; MANO's fits are those of
# the open hand
hands = dict(type=dataset_type, data_root=data_root, split_sequence=5950)
train_set = dict(hands, split='train', pipeline=_base_.train_pipeline)
val_set = dict(
    hands, split='test', hand_model=dict(path=None), pipeline=_base_.val_pipeline
)
