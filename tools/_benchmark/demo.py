"""Parts of the method, and what may improve it, on the demo's recordings."""

about = (
    'The weights of the package move to a laboratory that they have never seen '
    '([the demo](demo.md)), with noisy 2D labels alone: what each part of the method '
    "does there. Each row is a training of its own with half of the demo's epochs. "
    'Errors are of ten other people.'
)
data_variable = 'DEMO_ROOT'

full = 'configs/hamuco_demo.py'
demo = 'configs/hand_3d_keypoint/hamuco/demo/hamuco_res18w32'
half = {'train_cfg.max_epochs': 5, 'train_cfg.val_interval': 5}


def trained(config=full, **settings):
    """An experiment of half the demo's length."""
    options = {**half, **settings.pop('options', {})}
    return dict(config=config, options=options, **settings)


no_dcvi = {'model.view_neck': None, 'model.view_head': None}
no_lc = {'model.loss_consistency_2d': None, 'model.loss_consistency_fusion': None}
no_ld = {'model.loss_distill': None}
robust = {
    f'model.{head}.loss_keypoint.type': 'RobustKeypointLoss'
    for head in ('head', 'view_head')
}
clean = {
    'train_dataloader.dataset.dataset.data_prefix.keypoints': 'rgb_2D_keypoints_clean'
}

experiments = dict(
    start=dict(config=full, weights='hamuco_mm://res18w32_generated-wild.pth'),
    labels=dict(config=full, tool='baselines'),
    full=trained(seeds=(0, 1)),
    no_ld=trained(options=no_ld),
    no_lc=trained(options=no_lc),
    no_lc2d=trained(options={'model.loss_consistency_2d': None}),
    no_lcf=trained(options={'model.loss_consistency_fusion': None}),
    no_dcvi=trained(options=no_dcvi),
    single=trained(options={**no_dcvi, **no_lc, **no_ld}),
    uncalibrated=trained(f'{demo}_uncalibrated_1xb8-10e_demo-96x96.py'),
    robust=trained(options=robust),
    clean=trained(options=clean),
)

columns = {
    f'{stage}/{metric}': f'{stage} {metric}'
    for stage in ('single', 'interact', 'fusion')
    for metric in ('MPJPE', 'PA-MPJPE')
}
alone = {'MPJPE': 'MPJPE', 'PA-MPJPE': 'PA-MPJPE'}
tables = {
    'labels': dict(
        title='Labels of the test images, triangulated',
        columns=alone,
        rows=[
            dict(experiment='labels', label=label, prefix=f'{name}/')
            for name, label in dict(
                mean_hand='mean hand',
                dlt_triangulation='DLT',
                ransac_triangulation='RANSAC',
                pictorial_triangulation='pictorial structure',
            ).items()
        ],
    ),
    'parts': dict(
        title='Parts of the method',
        columns=columns,
        rows=[
            dict(experiment=name, label=label)
            for name, label in dict(
                start='the start, not trained',
                full='Full',
                uncalibrated='uncalibrated',
                no_lc2d='- L_c2D',
                no_lcf='- L_cf',
                no_lc='- L_c',
                no_ld='- L_d',
                no_dcvi='- DCVI',
                single='single view alone: - DCVI - L_c - L_d',
            ).items()
        ],
    ),
    'plus': dict(
        title='What may improve it',
        columns=columns,
        rows=[
            dict(experiment=name, label=label)
            for name, label in dict(
                full='Full',
                robust='+ robust loss of 2D labels',
                clean='+ labels cleaned by agreement of the views',
            ).items()
        ],
    ),
}
