# 12.5 % of the training's time steps, each seen 8 times as often (fig. 3a).
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

train_dataloader = dict(
    dataset=dict(sample_interval=8),
    sampler=dict(type='RepeatedSampler', times=8),
)
