"""Prints COCO's average precisions of the boxes that tests/unit/eval/test_boxes.c makes, by pycocotools 2.0.
    python3 tests/parity/make_boxes.py
"""
import contextlib
import io

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def number(i, n):
    """A hash of i below n: the test has the same."""
    x = i * 2654435761 & 0xFFFFFFFF
    x ^= x >> 15
    x = x * 2246822519 & 0xFFFFFFFF
    return (x ^ x >> 13) % n


def box(k):
    return [number(k + 1, 60), number(k + 2, 60), 10 + number(k + 3, 30), 10 + number(k + 4, 30)]


images, truths, found = [], [], []
for image in range(1, 41):
    images.append({"id": image, "width": 100, "height": 100})
    for t in range(number(1000 * image, 4)):
        k = 1000 * image + 10 * t
        b = box(k)
        truths.append({"id": len(truths) + 1, "image_id": image, "category_id": 1, "bbox": b, "area": b[2] * b[3], "iscrowd": 0})
        if number(k + 5, 5) > 0:
            moved = [b[i] + number(k + 6 + i, 5) - 2 for i in range(4)]
            found.append({"image_id": image, "category_id": 1, "bbox": moved, "score": number(k + 100, 20)})
    for e in range(number(1000 * image + 7, 3)):
        k = 1000 * image + 500 + 10 * e
        found.append({"image_id": image, "category_id": 1, "bbox": box(k), "score": number(k + 5, 12)})
with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO()
    coco.dataset = {"images": images, "annotations": truths, "categories": [{"id": 1, "name": "face"}]}
    coco.createIndex()
    evaluation = COCOeval(coco, coco.loadRes(found), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
print(len(truths), len(found), *(f"{x:.12f}" for x in evaluation.stats[:3]))
