# A trained network, fine-tuned with random views hidden from the interaction,
# so that it works with any number of them (paper, section 4.6: "a few epochs").
_base_ = ['./hamuco_res50_1xb8-40e_hanco-256x256.py']

load_from = 'work_dirs/hamuco_res50_1xb8-40e_hanco-256x256/epoch_40.pth'

train_cfg = dict(max_epochs=5)
optim_wrapper = dict(optimizer=dict(lr=3e-5))
model = dict(view_neck=dict(random_view_mask=True))

# the losses between views are on from the start
default_hooks = dict(loss_schedule=dict(warmup_epochs=0))
