# 10 epochs without the losses between views, then 30 with them (paper,
# section 4.2). The learning rate falls by a cosine, as in the authors' release.
train_cfg = dict(by_epoch=True, max_epochs=40, val_interval=1)
val_cfg = dict()
test_cfg = dict()

# Networks compute in bfloat16 where the hardware does, geometry and losses in
# float32. optim_wrapper.type=OptimWrapper turns that off.
optim_wrapper = dict(
    type='BFloat16OptimWrapper', optimizer=dict(type='AdamW', lr=3e-4, fused=True)
)
param_scheduler = [dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True)]
# 8 time steps of 8 views
auto_scale_lr = dict(base_batch_size=8)
