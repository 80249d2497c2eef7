# The generated demo set, in HanCo's layout, as tools/misc/run_demo.py makes it:
#   python tools/misc/generate_demo_data.py data/hamuco_demo --look lab --num-val-sequences 4
# generated_hands.py and generated_images.py load it.
_base_ = ['../pipelines/generated_hands_96x96.py']

dataset_type = 'HanCoDataset'
data_root = '{{$DEMO_ROOT:data/hamuco_demo/}}'
hands = dict(
    type=dataset_type,
    data_root=data_root,
    # the hand stands in the middle of every image, as in HanCo's; 128 px is the
    # generator's default (--image-size)
    bbox_mode='fixed',
    fixed_bbox=(0, 0, 128, 128),
)
train_set = dict(hands, split='train', pipeline=_base_.train_pipeline)
# MANO's fits in it are those of the open hand
open_hand = dict(path=None)
val_set = dict(hands, split='val', hand_model=open_hand, pipeline=_base_.val_pipeline)
test_set = dict(val_set, split='test')
