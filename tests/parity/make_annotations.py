#!/usr/bin/env python3
"""Writes tests/parity/annotations/: small files of annotations as other tools write them, and the manifest that each must become.

Run from the repository's root, in an environment with
    pip install numpy==2.4.6 pandas==3.1.1 tables==3.11.1 h5py==3.16.0 sleap-io==0.9.5 pillow==13.0.0 \
        pascal-voc-writer==0.1.4
DeepLabCut 3.0.2 writes its tables by pandas' to_csv and to_hdf, and so does this script; SLEAP's analysis, COCO and YOLO pose are
written by sleap-io. What has no writer that can be had (CVAT, LabelMe 6, VIA, dlib, the data sets) is written here as those tools do.
The truth is a set of boxes and points in grimace's pixels, where (0.5, 0.5) is the middle of the first pixel; each file holds them in
its own convention, and NAME.manifest.csv is what import must make of it.
"""
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import sleap_io as sio
from pascal_voc_writer import Writer
from PIL import Image

HERE = Path("tests/parity/annotations")
WIDTH, HEIGHT = 64, 48
NAMES = ["nose", "left ear", "right ear"]
# [picture, animal, landmark, xy]; the second picture has no mark, and an ear of the first animal is not known.
POINTS = np.array([[[[10.5, 12.25], [20.5, 8.5], [np.nan, np.nan]], [[40.5, 30.5], [44.5, 28.5], [47.5, 29.75]]],
                   [[[np.nan, np.nan]] * 3] * 2,
                   [[[11.5, 13.5], [21.5, 9.5], [30.5, 9.75]], [[41.5, 31.5], [43.5, 30.5], [45.5, 31.5]]]])
# x, y, w, h of the two animals' faces in pictures 0 and 2
BOXES = np.array([[[8, 6, 26, 12], [38, 26, 12, 8]], [[np.nan] * 4] * 2, [[9, 7, 24, 10], [40, 29, 8, 4]]], float)
FILES = ["a.png", "b.png", "c.png"]
LARGEST = 0  # the first animal is the larger one in all pictures


def number(v):
    return "" if np.isnan(v) else f"{v:.6f}".rstrip("0").rstrip(".")


def manifest(name, rows, columns, landmarks):
    """rows: (image, words, box or None, points[landmark, 2] or None)."""
    head = ["image"] + columns
    for i in range(len(landmarks)):
        head += [f"lm{i + 1}_x", f"lm{i + 1}_y"]
    lines = [",".join(head)]
    for image, words, box, points in rows:
        cells = [image] + list(words) + ([number(v) for v in box] if box is not None else [])
        cells += [number(v) for v in np.ravel(points)] if points is not None else []
        lines.append(",".join(cells))
    (HERE / f"{name}.manifest.csv").write_text("\n".join(lines) + "\n")
    if landmarks:
        (HERE / f"{name}.landmarks.csv").write_text(
            "landmark,name\n" + "".join(f"{i + 1},{n}\n" for i, n in enumerate(landmarks)))


BOX = ["box_x", "box_y", "box_w", "box_h"]


def picture(path, width=WIDTH, height=HEIGHT):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (width, height), len(str(path)) % 200).save(path)


# ---- DeepLabCut ---------------------------------------------------------------------------------------------------------


def deeplabcut():
    for three in (False, True):
        for several in (False, True):
            levels = [["scorer"]] + ([["m1", "m2"]] if several else []) + [NAMES, ["x", "y"]]
            names = ["scorer"] + (["individuals"] if several else []) + ["bodyparts", "coords"]
            columns = pd.MultiIndex.from_product(levels, names=names)
            paths = [("labeled-data", "video", f) for f in FILES]
            index = pd.MultiIndex.from_tuples(paths) if three else pd.Index(["\\".join(p) for p in paths])
            values = POINTS - 0.5 if several else POINTS[:, LARGEST:LARGEST + 1] - 0.5
            frame = pd.DataFrame(values.reshape(len(FILES), -1), columns=columns, index=index)
            name = f"deeplabcut-{3 if three else 1}-{4 if several else 3}"
            frame.to_csv(HERE / f"{name}.csv")
            frame.to_hdf(HERE / f"{name}.h5", key="df_with_missing", mode="w")
            manifest(name, [(f"labeled-data/video/{FILES[i]}", ["m1"] if several else [], None, POINTS[i, LARGEST])
                            for i in (0, 2)], ["individual"] if several else [], NAMES)
    # an analysed video: frames, likelihoods
    columns = pd.MultiIndex.from_product([["net"], NAMES, ["x", "y", "likelihood"]], names=["scorer", "bodyparts", "coords"])
    values = np.dstack([POINTS[:, LARGEST] - 0.5, np.array([[0.9, 0.4, 0.9]] * 3)]).reshape(3, -1)
    frame = pd.DataFrame(values, columns=columns, index=range(3))
    frame.to_csv(HERE / "mouse7DLC_resnet50.csv")
    frame.to_hdf(HERE / "mouse7DLC_resnet50.h5", key="df_with_missing", format="table", mode="w", index=False)
    sure = POINTS[:, LARGEST].copy()
    sure[:, 1] = np.nan
    manifest("deeplabcut-video", [(f"mouse7_{i:06d}.png", [], None, sure[i]) for i in (0, 2)], [], NAMES)


# ---- what sleap-io writes -------------------------------------------------------------------------------------------------


def sleap():
    skeleton = sio.Skeleton(list(NAMES))  # it turns the list that it is given into nodes
    video = sio.Video(filename="videos/rat1.mp4", open_backend=False)
    video.backend_metadata = {"shape": (3, HEIGHT, WIDTH, 1)}
    tracks = [sio.Track("m1"), sio.Track("m2")]
    frames = []
    for i in (0, 2):
        instances = [sio.PredictedInstance.from_numpy(POINTS[i, k] - 0.5, skeleton=skeleton, track=tracks[k],
                                                      point_scores=np.ones(3), score=1.0) for k in range(2)]
        frames.append(sio.LabeledFrame(video=video, frame_idx=i, instances=instances))
    labels = sio.Labels(frames)
    for preset in ("matlab", "standard"):
        sio.save_analysis_h5(labels, str(HERE / f"sleap-{preset}.h5"), preset=preset)
        manifest(f"sleap-{preset}", [(f"rat1_{i:06d}.png", ["m1"], None, POINTS[i, LARGEST]) for i in (0, 2)],
                 ["individual"], NAMES)
    sio.save_coco(labels, str(HERE / "coco-sleap.json"), image_filenames=["a.png", "c.png"])
    # sleap-io's boxes are those around the points, and its points keep SLEAP's origin: --pixel-origin centre
    rows = []
    for name, i in (("a.png", 0), ("c.png", 2)):
        low, high = np.nanmin(POINTS[i, LARGEST] - 0.5, axis=0), np.nanmax(POINTS[i, LARGEST] - 0.5, axis=0)
        label = json.load(open(HERE / "coco-sleap.json"))["categories"][0]["name"]
        rows.append((name, [label], list(low) + list(high - low), POINTS[i, LARGEST]))
    manifest("coco-sleap", rows, ["label"] + BOX, NAMES)


# ---- COCO, VOC, YOLO --------------------------------------------------------------------------------------------------------


def coco():
    images = [dict(id=i + 10, file_name=f, width=WIDTH, height=HEIGHT) for i, f in enumerate(FILES)]
    annotations = []
    for i in (2, 0):
        for k in range(2):
            points = []
            for x, y in POINTS[i, k]:
                points += [0, 0, 0] if np.isnan(x) else [x, y, 2]
            annotations.append(dict(id=len(annotations) + 1, image_id=i + 10, category_id=7 if k == LARGEST else 8,
                                    bbox=list(BOXES[i, k]), keypoints=points, num_keypoints=3, iscrowd=0, area=1.0,
                                    segmentation=[[0, 0, 1, 0, 1, 1]]))
    categories = [dict(id=7, name="rat", supercategory="", keypoints=NAMES, skeleton=[]),
                  dict(id=8, name="mouse", supercategory="", keypoints=NAMES, skeleton=[])]
    # annotations in front: readers may not count on an order
    json.dump(dict(annotations=annotations, info={}, licenses=[], images=images, categories=categories),
              open(HERE / "coco.json", "w"))
    manifest("coco", [(FILES[i], ["rat"], BOXES[i, LARGEST], POINTS[i, LARGEST]) for i in (0, 2)], ["label"] + BOX, NAMES)


def voc():
    (HERE / "voc").mkdir()
    for i in (0, 2):
        writer = Writer(FILES[i], WIDTH, HEIGHT)
        for k in range(2):
            x, y, w, h = BOXES[i, k].astype(int)
            writer.addObject("rat", x + 1, y + 1, x + w, y + h)  # pixels from 1, both corners inside
        path = HERE / "voc" / f"{FILES[i][0]}.xml"
        writer.save(str(path))
        path.write_text(path.read_text().replace(str(Path(FILES[i]).resolve()), FILES[i]).replace(str(Path().resolve()), ""))
    manifest("voc", [(f"voc/{FILES[i]}", ["rat"], BOXES[i, LARGEST], None) for i in (0, 2)], ["label"] + BOX, [])


def yolo():
    def line(kind, box, points, extra):
        x, y, w, h = box
        numbers = [(x + w / 2) / WIDTH, (y + h / 2) / HEIGHT, w / WIDTH, h / HEIGHT]
        for px, py in points:
            numbers += [0, 0, 0] if np.isnan(px) else [px / WIDTH, py / HEIGHT, 2]
        return " ".join([str(kind)] + [repr(float(n)) for n in numbers] + extra) + "\n"

    for name in ("yolo", "yolo-pose"):
        folder = HERE / name / "labels" / "train"
        folder.mkdir(parents=True)
        shape = "" if name == "yolo" else "kpt_shape: [3, 3]\n"
        (HERE / name / "data.yaml").write_text(f"path: .\ntrain: images/train\nval: images/train\nnames:\n  0: rat\n  1: mouse\n{shape}")
        for i in (0, 2):
            points = [[], []] if name == "yolo" else POINTS[i]
            (folder / f"{FILES[i][0]}.txt").write_text(
                "".join(line(k, BOXES[i, k], points[k], ["0.75"] if name == "yolo" else []) for k in range(2)))
            picture(HERE / name / "images" / "train" / FILES[i])
        # shares of these sizes are exact enough to come back as they were
        manifest(name, [(f"{name}/images/train/{FILES[i]}", ["rat"], list(BOXES[i, LARGEST]) + ([0.75] if name == "yolo" else []),
                         None if name == "yolo" else POINTS[i, LARGEST]) for i in (0, 2)],
                 ["label"] + BOX + (["box_score"] if name == "yolo" else []), [] if name == "yolo" else ["1", "2", "3"])
    picture(HERE / "yolo" / "images" / "train" / FILES[1])


# ---- the others -----------------------------------------------------------------------------------------------------------


def cvat():
    shapes = []
    for i, file in enumerate(FILES):
        inside = ""
        for k in range(2):
            if np.isnan(BOXES[i, k, 0]):
                continue
            x, y, w, h = BOXES[i, k]
            inside += (f'    <box label="rat" source="manual" occluded="0" xtl="{x:.2f}" ytl="{y:.2f}" xbr="{x + w:.2f}" '
                       f'ybr="{y + h:.2f}" z_order="0" group_id="{k + 1}">\n      <attribute name="pain">1</attribute>\n    </box>\n')
            for name, (px, py) in zip(NAMES, POINTS[i, k]):
                there = not np.isnan(px)
                inside += (f'    <points label="{name}" source="manual" occluded="0" {"" if there else "outside=" + chr(34) + "1" + chr(34) + " "}'
                           f'points="{px if there else 1:.2f},{py if there else 1:.2f}" z_order="0" group_id="{k + 1}">\n    </points>\n')
        shapes.append(f'  <image id="{i}" name="{file}" width="{WIDTH}" height="{HEIGHT}">\n{inside}  </image>\n')
    (HERE / "cvat.xml").write_text('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
                                   '  <meta><task><id>1</id><name>rats</name></task></meta>\n' + "".join(shapes) + "</annotations>\n")
    manifest("cvat", [(FILES[i], ["rat"], BOXES[i, LARGEST], POINTS[i, LARGEST]) for i in (0, 2)], ["label"] + BOX, NAMES)


def labelme():
    (HERE / "labelme").mkdir()
    for i in (0, 2):
        shapes = []
        for k in range(2):
            x, y, w, h = BOXES[i, k]
            corners = [[x + w, y], [x, y + h]] if k == 0 else [[x, y], [x + w, y + h]]
            shapes.append(dict(label="rat", points=corners, group_id=k, description="", shape_type="rectangle", flags={}))
            shapes += [dict(label=n, points=[list(p)], group_id=k, description="", shape_type="point", flags={})
                       for n, p in zip(NAMES, POINTS[i, k]) if not np.isnan(p[0])]
        json.dump(dict(version="5.5.0", flags={}, shapes=shapes, imagePath=f"..\\{FILES[i]}", imageData=None,
                       imageHeight=HEIGHT, imageWidth=WIDTH), open(HERE / "labelme" / f"{FILES[i][0]}.json", "w"), indent=2)
    manifest("labelme", [(FILES[i], ["rat"], BOXES[i, LARGEST], POINTS[i, LARGEST]) for i in (0, 2)], ["label"] + BOX, NAMES)


def via():
    pictures, rows = {}, []
    for i, file in enumerate(FILES):
        regions = []
        if i != 1:
            x, y, w, h = BOXES[i, LARGEST]
            regions.append(({"name": "rect", "x": x, "y": y, "width": w, "height": h}, {"what": "rat"}))
            regions += [({"name": "point", "cx": px, "cy": py}, {"what": n})
                        for n, (px, py) in zip(NAMES, POINTS[i, LARGEST]) if not np.isnan(px)]
        pictures[f"{file}123"] = dict(filename=file, size=123, file_attributes={},
                                      regions=[dict(shape_attributes=s, region_attributes=a) for s, a in regions])
        for number_, (s, a) in enumerate(regions or [({}, {})]):
            rows.append([file, 123, "{}", len(regions), number_, json.dumps(s), json.dumps(a)])
    json.dump({"_via_settings": {}, "_via_img_metadata": pictures, "_via_attributes": {}}, open(HERE / "via-project.json", "w"))
    json.dump(pictures, open(HERE / "via.json", "w"))
    pd.DataFrame(rows, columns=["filename", "file_size", "file_attributes", "region_count", "region_id", "region_shape_attributes",
                                "region_attributes"]).to_csv(HERE / "via.csv", index=False)
    for name in ("via", "via-project"):
        manifest(name, [(FILES[i], ["rat"], BOXES[i, LARGEST], POINTS[i, LARGEST]) for i in (0, 2)], ["label"] + BOX, NAMES)


def dlib():
    images = ""
    for i, file in enumerate(FILES):
        boxes = ""
        for k in range(2):
            if np.isnan(BOXES[i, k, 0]):
                continue
            x, y, w, h = BOXES[i, k].astype(int)
            parts = "".join(f"      <part name='{n}' x='{int(p[0] - 0.5)}' y='{int(p[1] - 0.5)}'/>\n"
                            for n, p in reversed(list(zip(NAMES, POINTS[i, k]))) if not np.isnan(p[0]))
            boxes += f"    <box top='{y}' left='{x}' width='{w}' height='{h}'>\n      <label>rat</label>\n{parts}    </box>\n"
        boxes += "    <box top='0' left='0' width='60' height='40' ignore='1'/>\n" if i == 0 else ""
        images += f"  <image file='{file}' width='{WIDTH}' height='{HEIGHT}'>\n{boxes}  </image>\n"
    (HERE / "dlib.xml").write_text("<?xml version='1.0' encoding='ISO-8859-1'?>\n<?xml-stylesheet type='text/xsl' "
                                   "href='image_metadata_stylesheet.xsl'?>\n<dataset>\n<name>imglab dataset</name>\n"
                                   f"<comment>x</comment>\n<images>\n{images}</images>\n</dataset>\n")
    order = np.argsort(NAMES)
    manifest("dlib", [(FILES[i], ["rat"], BOXES[i, LARGEST], np.floor(POINTS[i, LARGEST][order] - 0.5) + 0.5) for i in (0, 2)],
             ["label"] + BOX, [NAMES[o] for o in order])


def faces():
    (HERE / "cat").mkdir()
    cat = np.arange(18).reshape(9, 2) + 3
    (HERE / "cat" / "a.png.cat").write_text("9 " + " ".join(map(str, cat.ravel())) + " \n")
    manifest("cat", [("cat/a.png", [], None, cat + 0.5)], [], ["left_eye", "right_eye", "mouth", "left_ear_1", "left_ear_2",
                                                               "left_ear_3", "right_ear_1", "right_ear_2", "right_ear_3"])
    (HERE / "catflw" / "labels").mkdir(parents=True)
    picture(HERE / "catflw" / "images" / "a.png")
    points = np.stack([np.arange(48) + 4, np.arange(48) / 2 + 8], axis=1)
    json.dump(dict(labels=points.tolist(), bounding_boxes=[3, 5, 60, 40]), open(HERE / "catflw" / "labels" / "a.json", "w"))
    manifest("catflw", [("catflw/images/a.png", [], [3, 5, 57, 35], points)], BOX, [str(i + 1) for i in range(48)])
    json.dump({"a.png": [{"AnimalNumber": "1", "GrimaceScale": "[0 0 0 1 0]",
                          "Boundingbox": {"x": "7", "y": "8", "w": "45", "h": "38"}}]}, open(HERE / "mice.json", "w"))
    manifest("mice", [("a.png", ["1", "[0 0 0 1 0]"], [7, 8, 38, 30], None)], ["animal", "grimace_scale"] + BOX, [])


shutil.rmtree(HERE, ignore_errors=True)
HERE.mkdir()
for make in (deeplabcut, sleap, coco, voc, yolo, cvat, labelme, via, dlib, faces):
    make()
for file in FILES:
    picture(HERE / "pictures" / file)
