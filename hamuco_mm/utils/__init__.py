"""What knows nothing of hands: files, optional packages, devices, versions."""
