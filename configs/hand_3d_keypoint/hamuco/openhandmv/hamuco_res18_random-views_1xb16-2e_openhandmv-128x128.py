# A trained network, fine-tuned with random views hidden from the interaction, for any
# number of views (section 4.6, fig. 3b).
_base_ = ['./hamuco_res18_1xb16-10e_openhandmv-128x128.py']

load_from = 'work_dirs/hamuco_res18_1xb16-10e_openhandmv-128x128/epoch_10.pth'

train_cfg = dict(max_epochs=2, val_interval=1)
optim_wrapper = dict(optimizer=dict(lr=5e-5))
model = dict(view_neck=dict(random_view_mask=True))

# the losses between views are on from the start
default_hooks = dict(loss_schedule=dict(warmup_epochs=0))
