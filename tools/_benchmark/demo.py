"""Parts of the method, and what may improve it, on the demo's recordings."""

_base_ = ['./stages.py', './view_counts.py']

about = (
    'The weights of the package move to a laboratory that they have never seen '
    '([the demo](demo.md)), with noisy 2D labels alone: what each part of the method '
    "does there. Each row is a training of its own, as long as the demo's. "
    'Errors are of ten other people.'
)
title = 'Recordings of a laboratory'

folder = 'configs/hand_3d_keypoint/hamuco/demo'
end = '_1xb8-5e_demo-96x96.py'
full = f'{folder}/hamuco_res18w32{end}'
at_the_end = {'train_cfg.val_interval': 5}


def trained(config=full, **settings):
    """An experiment as long as the demo."""
    options = {**at_the_end, **settings.pop('options', {})}
    return dict(config=config, options=options, **settings)


no_dcvi = {'model.view_neck': None, 'model.view_head': None}
no_lc = {'model.loss_consistency_2d': None, 'model.loss_consistency_fusion': None}
no_ld = {'model.loss_distill': None}
robust = {
    f'model.{head}.loss_keypoint.type': 'RobustKeypointLoss'
    for head in ('head', 'view_head')
}
uncertain = {'model.weigh_views': True}
for head in ('head', 'view_head'):
    uncertain[f'model.{head}.with_uncertainty'] = True
    uncertain[f'model.{head}.loss_keypoint.type'] = 'LaplaceKeypointLoss'
plus = f'{folder}/hamuco-plus_res18w32{end}'
frames = f'{folder}/hamuco_res18w32_frames5_1xb2-5e_demo-96x96.py'
triangulated = f'{folder}/hamuco_res18w32_triangulated-labels{end}'
in_3d = {}
for head in ('head', 'view_head'):
    in_3d[f'model.{head}.loss_keypoint_cam.type'] = 'L1Loss'
    in_3d[f'model.{head}.loss_keypoint_cam.loss_weight'] = 1.0
# weights and alignment as in the paper
paper = {
    'model.loss_consistency_2d.loss_weight': 1.0,
    'model.loss_consistency_fusion.loss_weight': 1.0,
    'model.loss_distill.loss_weight': 1.0,
    'model.alignment': None,
}
clean = {
    'train_dataloader.dataset.dataset.data_prefix.keypoints': 'rgb_2D_keypoints_clean'
}
crops = 'train_dataloader.dataset.dataset.pipeline.2'  # RandomCropBox
augmented = {
    f'{crops}.rotation': 180,
    f'{crops}.scale': (0.75, 1.35),
    f'{crops}.shift': 12,
}


def share(interval):
    """Every n-th time step, n times as often: as many steps, of fewer images."""
    loader = 'train_dataloader'
    return {
        f'{loader}.dataset.sample_interval': interval,
        f'{loader}.sampler.type': 'RepeatedSampler',
        f'{loader}.sampler.times': interval,
    }


def averaging(hook):
    """Weights that are averaged over some hundred steps."""
    name = 'default_hooks.averaging'
    return {f'{name}.type': hook, f'{name}.momentum': 0.01}


averaged, taught = averaging('EMAHook'), averaging('MeanTeacherHook')
features = {'model.loss_distill_features.type': 'FeatureDistillLoss'}
relabelled = {'model.relabelling.type': 'FusedRelabelling'}
intervals, cameras = (8, 4, 2), (1, 2, 4, 6)
# random views hidden from the interaction of a trained network (section 4.6)
masked = {
    'model.view_neck.random_view_mask': True,
    'optim_wrapper.optimizer.lr': 1e-4,
    'train_cfg.max_epochs': 1,
    'train_cfg.val_interval': 1,
    'default_hooks.loss_schedule.ramp_epochs': 0,
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
    uncalibrated=trained(f'{folder}/hamuco_res18w32_uncalibrated{end}'),
    triangulated_labels=trained(f'{folder}/td-mano_res18w32_triangulated-labels{end}'),
    mixed_views=trained(f'{folder}/td-mano_res18w32_mixed-views{end}'),
    triangulation=trained(f'{folder}/td-triangulation_res18w32{end}'),
    volumetric=trained(f'{folder}/td-volumetric_res18w32{end}'),
    robust=trained(options=robust),
    clean=trained(options=clean),
    triangulated_2d=trained(triangulated),
    triangulated_3d=trained(triangulated, options=in_3d),
    plus=trained(plus, seeds=(0, 1)),
    plus_robust=trained(plus, options=robust),
    plus_averaged=trained(plus, options=averaged),
    plus_taught=trained(plus, options=taught),
    averaged=trained(options=averaged),
    taught=trained(options=taught),
    features=trained(options=features),
    relabelled=trained(options=relabelled),
    plus_features=trained(plus, options=features, seeds=(0, 1)),
    plus_relabelled=trained(plus, options=relabelled),
    frames=trained(frames),
    frames_apart=trained(frames, options={'model.view_neck.temporal_layer': None}),
    uncertain=trained(options=uncertain),
    distill_1=trained(options={'model.loss_distill.loss_weight': 1.0}),
    paper=trained(options=paper),
    augmented=trained(options=augmented),
    **{f'share{n}': trained(options=share(n)) for n in intervals},
    **{
        f'views{n}': trained(
            options={'train_dataloader.dataset.view_ids': tuple(range(n))}
        )
        for n in cameras
    },
    random_views=trained(starts_from='full', options=masked),
    full_by_views=dict(config=full, evaluates='full', options=_base_.by_views),
    random_views_by_views=dict(
        config=full, evaluates='random_views', options=_base_.by_views
    ),
)

columns = _base_.columns
tables = {
    'parts': dict(
        title='Parts of the method',
        columns=columns,
        rows=dict(
            start='the start, not trained',
            full='Full',
            uncalibrated='uncalibrated',
            no_lc2d='- L_c2D',
            no_lcf='- L_cf',
            no_lc='- L_c',
            no_ld='- L_d',
            no_dcvi='- DCVI',
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
            volumetric='volumes, after Learnable Triangulation',
            full='HaMuCo',
        ),
    ),
    'plus': dict(
        title='What may improve it',
        columns=columns,
        rows=dict(
            full='Full',
            robust='+ robust loss of 2D labels',
            clean='+ labels cleaned by agreement of the views',
            triangulated_2d='+ labels triangulated, as 2D labels',
            triangulated_3d='+ labels triangulated, as 2D and 3D labels',
            plus='`hamuco-plus`: that, and L_d with weight 1',
            plus_robust='`hamuco-plus` and the robust loss',
            averaged='+ weights averaged over the steps (EMA)',
            taught='+ a mean teacher: that, and L_d from the averaged network',
            plus_averaged='`hamuco-plus` and averaged weights',
            plus_taught='`hamuco-plus` and a mean teacher',
            features='+ distillation of features',
            plus_features='`hamuco-plus` and distillation of features',
            relabelled='+ labels that the fused hand contradicts replaced',
            plus_relabelled='`hamuco-plus` and labels replaced',
            frames='windows of five neighbouring time steps, which see each other',
            frames_apart='the same windows, which do not',
            uncertain='+ uncertainty of joints, which weighs the views',
            augmented='crops turned by any angle, and of more sizes and places',
            distill_1='L_d with weight 1 in place of 5',
            paper='weights of losses and alignment as in the paper',
        ),
    ),
    'fig3-data': dict(
        title='Fig. 3a: share of the time steps of the training',
        columns=columns,
        rows={
            **{f'share{n}': f'{100 / n:g} %' for n in intervals},
            'full': '100 %',
        },
    ),
    'fig3-training-views': dict(
        title='Fig. 3b: views in training, 8 in the test',
        columns=columns,
        rows={**{f'views{n}': f'{n}' for n in cameras}, 'full': '8'},
    ),
    'fig3-test-views': _base_.test_views,
}
