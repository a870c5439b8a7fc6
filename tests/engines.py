"""Engines for tests."""

from dataclasses import dataclass, field

import numpy as np

import sa2va_nb as sa


@dataclass
class Bright:
    """An engine of a user's own: everything brighter than a level is one object."""

    level: int = 100
    price_usd: float = 0.0
    fail_first: bool = False
    name: str = "bright"
    asked: list[str] = field(default_factory=list)

    @property
    def settings(self):
        return {"level": self.level}

    def quote(self, request):
        return self.price_usd

    def run(self, request, workspace):
        self.asked.append(request.prompt)
        if self.fail_first and len(self.asked) == 1:
            workspace.save(status="submitted", request_id="kept")
            raise sa.ModelError("the service is down")
        frames = range(len(request.video))
        if request.num_frames_to_sample:
            frames = np.linspace(0, len(request.video) - 1, request.num_frames_to_sample).round().astype(int)
            workspace.save(sampled_frames=frames.tolist())
        masks = (request.video[int(frame)].mean(-1) > self.level for frame in frames)
        path = workspace.write_mask_video(0, masks)
        workspace.report(sa.Progress("segmenting", "bright things", 1.0))
        return sa.Response(
            "<p> bright things </p> [SEG] <|im_end|>", (sa.MaskFile(path),), ("only brightness",)
        )
