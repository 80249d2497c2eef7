"""Parts of the method where nothing is known beforehand: from random numbers."""

_base_ = ['./stages.py']

about = (
    'The small network of [the weights from noisy labels alone](self_supervised_weights.md) '
    'on the data of its first step, for five epochs of 825 steps in place of eight: it '
    'begins with random numbers, and noisy 2D labels are all that teaches it. The losses '
    'between views come on after one and a half epochs, with the weights of the paper. '
    'Errors are of 100 recordings of other people in other rigs. So short a training is '
    'far from its end.'
)
title = 'From random numbers'

folder = 'configs/hand_3d_keypoint/hamuco/generated'
end = '_res18w32_scratch_1xb8-20e_generated-hands-96x96.py'
full, plus = f'{folder}/hamuco{end}', f'{folder}/hamuco-plus{end}'
short = {
    'train_cfg.max_epochs': 5,
    'train_cfg.val_interval': 5,
}


def trained(config=full, **options):
    """An experiment of five epochs; `__` stands for a dot."""
    changed = {key.replace('__', '.'): value for key, value in options.items()}
    return dict(config=config, options={**short, **changed})


no_dcvi = dict(model__view_neck=None, model__view_head=None)
no_lc = dict(model__loss_consistency_2d=None, model__loss_consistency_fusion=None)
no_ld = dict(model__loss_distill=None)
single = {**no_dcvi, **no_lc, **no_ld}
# baselines that supervise the single view alone, in other ways
triangulated_labels = dict(model__head__loss_keypoint_cam__loss_weight=5.0)
mixed_views = dict(
    model__head__loss_shape__loss_weight=0.5,
    model__head__loss_mixed_views__type='MixedViewsLoss',
)
# a baseline with a network of its own, on the schedule of the others
triangulation = (
    'configs/hand_3d_keypoint/hamuco/demo/'
    'td-triangulation_res18w32_1xb8-5e_demo-96x96.py'
)
from_nothing = dict(
    model__backbone__init_cfg=None,
    optim_wrapper__optimizer__weight_decay=0.02,
    param_scheduler__0__start_factor=0.01,
    param_scheduler__0__length=200,
)

experiments = dict(
    labels=dict(config=full, tool='baselines'),
    full=trained(),
    single=trained(**single),
    triangulated_labels=trained(plus, **single, **triangulated_labels),
    mixed_views=trained(**single, **mixed_views),
    triangulation=trained(triangulation, **from_nothing),
    no_ld=trained(**no_ld),
    no_lc=trained(**no_lc),
    no_dcvi=trained(**no_dcvi),
    plus=trained(plus),
    no_lc2d=trained(model__loss_consistency_2d=None),
    no_lcf=trained(model__loss_consistency_fusion=None),
    no_vsf=trained(model__view_neck__with_shared_feature=False),
    no_cva=trained(model__view_neck__with_attention=False),
    no_g1=trained(model__view_neck__location_channels=0),
    no_g2=trained(model__view_neck__global_channels=0),
    no_g3=trained(model__view_neck__local_channels=0),
    uncalibrated=trained(model__use_extrinsics=False),
)

columns = _base_.columns
tables = {
    'parts': dict(
        title='Parts of the method',
        columns=columns,
        rows=dict(
            full='Full',
            no_ld='- L_d',
            no_lc='- L_c',
            no_lc2d='- L_c2D',
            no_lcf='- L_cf',
            no_dcvi='- DCVI',
            no_vsf='- VSF',
            no_cva='- CVA',
            no_g1='- G1',
            no_g2='- G2',
            no_g3='- G3',
            uncalibrated='uncalibrated',
            single='single view alone: - DCVI - L_c - L_d',
        ),
    ),
    'baselines': dict(
        title='Other ways to learn from the same labels',
        columns=columns,
        rows=dict(
            single='labels of the view alone',
            mixed_views='mixed views, after CanonPose, no cameras',
            triangulated_labels='triangulated labels, after EpipolarPose',
            triangulation='learned confidences, after Learnable Triangulation',
            full='HaMuCo',
        ),
    ),
    'plus': dict(
        title='Labels triangulated first',
        columns=columns,
        rows=dict(
            full='Full', plus='`hamuco-plus`: labels triangulated, as 2D and 3D labels'
        ),
    ),
}
