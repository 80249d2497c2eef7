from .opt_center import OptCenter

__all__ = ['OptCenter']
