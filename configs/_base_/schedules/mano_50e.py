# For the supervised single-view estimator.
train_cfg = dict(by_epoch=True, max_epochs=50, val_interval=5)
val_cfg = dict()
test_cfg = dict()

optim_wrapper = dict(optimizer=dict(type='AdamW', lr=3e-4, fused=True))
param_scheduler = [dict(type='CosineAnnealingLR', eta_min=0, by_epoch=True)]
auto_scale_lr = dict(base_batch_size=64)
