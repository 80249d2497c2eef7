default_scope = 'mmpose'
custom_imports = dict(imports=['hamuco_mm'], allow_failed_imports=False)

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    runtime_info=dict(type='DeferredRuntimeInfoHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='SafeCheckpointHook', interval=1, max_keep_ckpts=3),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    # a resumed run draws what an uninterrupted one would have drawn
    epoch_seed=dict(type='EpochSeedHook'),
    visualization=dict(type='PoseVisualizationHook', enable=False),
    # model.head.hand_model serves the data sets that say path='head', too
    hand_model=dict(type='HandModelHook'),
    # lists in <work_dir>/left_out.tsv what could not be used
    left_out=dict(type='LeftOutHook'),
    # warns of items that do not say whether a hand is a left or a right one
    hand_side=dict(type='HandSideHook'),
    joint_order=dict(type='JointOrderHook'),
    # where things are and what to do next
    run_summary=dict(type='RunSummaryHook'),
)

# the running statistics of batch norm are averaged over the processes
custom_hooks = [dict(type='SyncBuffersHook')]

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    # a process that does not answer for so many seconds ends the run
    dist_cfg=dict(backend='nccl', timeout=600),
)

vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(
    type='HandMeshVisualizer', vis_backends=vis_backends, name='visualizer'
)

log_processor = dict(
    type='TableLogProcessor', window_size=50, by_epoch=True, num_digits=6
)
log_level = 'INFO'
load_from = None
resume = False

backend_args = dict(backend='local')
