# A trained network, fine-tuned with random views hidden from the interaction,
# so that it works with any number of them (paper, section 4.6: "a few epochs").
_base_ = ['./hamuco_res50_1xb8-40e_hanco-256x256.py']

load_from = 'work_dirs/hamuco_res50_1xb8-40e_hanco-256x256/epoch_40.pth'
max_epochs = 5

train_cfg = dict(max_epochs=max_epochs)

optim_wrapper = dict(optimizer=dict(lr=3e-5))
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=max_epochs, eta_min=0, by_epoch=True)
]

# model settings
model = dict(view_neck=dict(random_view_mask=True))

# the losses between views are on from the start
custom_hooks = _base_.custom_hooks[:-1] + [
    dict(type='LossScheduleHook', warmup_epochs=0)
]
