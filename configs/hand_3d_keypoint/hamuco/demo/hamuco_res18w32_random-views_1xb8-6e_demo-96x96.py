# The trained demo, fine-tuned with random views hidden from the interaction, so
# that it works with any number of them (paper, section 4.6):
#   bash tools/quickstart.sh, then train with this config
_base_ = ['./hamuco-plus_res18w32_1xb8-5e_demo-96x96.py']

load_from = 'work_dirs/hamuco_demo/epoch_5.pth'

train_cfg = dict(max_epochs=6)
optim_wrapper = dict(optimizer=dict(lr=1e-4))
# without the demo's linear warm-up
param_scheduler = [s for s in _base_.param_scheduler if s['type'] != 'BoundedLinearLR']
model = dict(view_neck=dict(random_view_mask=True))

# the losses between views are on from the start
default_hooks = dict(loss_schedule=dict(warmup_epochs=0, ramp_epochs=0))
