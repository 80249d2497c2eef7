"""What each part of the generator is good for, on real photographs."""

about = (
    'The single view of the [first weights](demo_weights.md), which has seen generated '
    'hands of one rig, learns from 24,000 views of the look `photo`, with one part of it '
    'changed each time, and is tested on [photographs](photo_weights.md#errors) that no '
    'training sees, with the [joints of the detector](hand_model.md#joints-of-a-detector) '
    'that labelled them. What two trainings differ by that differ in their random '
    'numbers alone is the spread of `photo`.'
)
title = 'Parts of the generator'
data_variable = 'PHOTOS_ROOT'

config = (
    'configs/hand_3d_keypoint/hamuco/generated/'
    'td-mano_res18w32_1e_endless-photo-96x96.py'
)
scene = 'train_dataloader.dataset.dataset.scene'
# those of the labels; exact labels of generated hands are of the hand model's own
tested = {'model.head.hand_model.joints': 'mediapipe'}


def trained(options, **settings):
    """An experiment on generated views."""
    return dict(config=config, options=options, test_options=tested, **settings)


def changed(**parts):
    """The look with other settings of the scene; `__` stands for a dot."""
    options = {
        f'{scene}.{key.replace("__", ".")}': value for key, value in parts.items()
    }
    return trained(options)


look = 'train_dataloader.dataset.dataset.look'
experiments = dict(
    start=trained({}, weights='hamuco_mm://res18w32_generated-hands.pth'),
    photo=trained({}, seeds=(0, 1)),
    wild=trained({look: 'wild'}),
    rig=trained({look: 'rig', f'{scene}.photos': False}),
    photographs=changed(photos=False),
    limbs=changed(limbs=0.0),
    objects=changed(things__held=0.0, things__before=0.0),
    second_hand=changed(things__second_hand=0.0),
    jewellery=changed(jewellery=0.0),
    exposure=changed(
        sensor__exposure=(1.0, 1.0),
        sensor__white_balance=0.0,
        sensor__contrast=(1.0, 1.0),
    ),
    blur=changed(sensor__blur=(0.0, 0.0), sensor__motion_blur=0.0),
    noise=changed(sensor__noise=(0.0, 0.0), sensor__jpeg_quality=(96, 97)),
    lenses=changed(rig__half_side=(0.4, 0.4)),
    roll=changed(rig__roll_deg=4.0),
    directions=changed(motion__any_direction=False),
    wrists=changed(motion__wrist_deg=(0.0, 0.0)),
    lean=changed(motion__lean_deg=(0.0, 0.0)),
    shapes=changed(motion__shape_sigma=0.0),
    veins=changed(veins=0.5),
    # in the middle of its picture a lens bends nothing
    aside=changed(rig__aim_jitter=0.08),
    bent=changed(rig__distortion=(-0.35, 0.1), rig__aim_jitter=0.08),
)

columns = {
    'single/reprojection_box': '2D, share of the box',
    'single/PA-MPJPE': 'PA-MPJPE',
}
labels = dict(
    start='not trained on it',
    photo='`photo`, with photographs behind the hands',
    wild='`wild` in its place',
    rig='`rig` in its place',
    photographs='- photographs behind the hands',
    limbs='- shapes of the colours of skin behind',
    objects='- objects in and before the hand',
    second_hand='- other hands',
    jewellery='- rings and bands',
    exposure='- exposure, white balance and contrast',
    blur='- blur and smears',
    noise='- noise and compression',
    lenses='- wide and long lenses',
    roll='- rolled cameras',
    directions='- any direction: fingers up',
    wrists='- bent wrists',
    lean='- straight fingers that lean',
    shapes='- shapes of people',
    veins='+ veins',
    aside='+ cameras that look past the hand',
    bent='+ the same, with lenses that bend the picture',
)
tables = {
    'looks': dict(
        title='The look `photo`, its parts changed',
        columns=columns,
        rows=labels,
    ),
}
