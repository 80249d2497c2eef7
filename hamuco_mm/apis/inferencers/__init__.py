"""Prediction on images, videos and rigs, in MMPose's manner."""

from .hamuco_inferencer import HaMuCoInferencer

__all__ = ['HaMuCoInferencer']
