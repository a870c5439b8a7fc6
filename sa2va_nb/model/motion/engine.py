"""The motion engine: segments what moves, by classical means and without a model."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.transform import resize

from sa2va_nb.model.motion.background import learn_backgrounds
from sa2va_nb.model.motion.camera import Camera, summarise, track_camera
from sa2va_nb.model.motion.foreground import find_foreground
from sa2va_nb.model.motion.linking import Linker, Track, stitch
from sa2va_nb.model.motion.regions import Region, find_regions
from sa2va_nb.model.request import MaskFile, Progress, Request, Response, Workspace
from sa2va_nb.segmentation import VideoSource
