"""g4f.yaml as data: reading, checking, describing. What it means for a request is `g4f/router`'s business."""
