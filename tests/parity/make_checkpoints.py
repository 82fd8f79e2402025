#!/usr/bin/env python3
"""Writes small files of weights to tests/parity/checkpoints, as their own packages write them. All but the last hold the same tensors of a
network of two layers: conv.weight [2, 1, 2, 2] = 0, 1/8, 2/8 ..., conv.bias [2], bn.* [2], fc.weight [3, 2], fc.bias [3].

    lightning.ckpt   a training's own file (hyper parameters, callbacks, the optimizer's state)
    swa.pth          torch.optim.swa_utils.AveragedModel: "module." in front, n_averaged beside
    compiled.pth     torch.compile of a DataParallel: "_orig_mod.module."
    pair.pth         {"student": ..., "teacher": ...}, options and the optimizer beside them
    ema.pth          {"model": ..., "model_ema": ...} with n_averaged in the second, as torchvision's references keep them
    whole.pth        the module itself
    script.pt        torch.jit.script      traced.pt       torch.jit.trace      frozen.pt   torch.jit.freeze
    exported.pt2     torch.export.save
    numpy.pth        torch.save of a dict of NumPy arrays
    numpy2.pkl, numpy4.pkl, numpy5.pkl   pickle.dump of it with the protocols 2, 4 and 5
    arrays.npz       numpy.savez           packed.npz      numpy.savez_compressed, with arrays in the order of Fortran
    model.keras, model.weights.h5          Keras 3
    mobile.ckpt      another network: torchvision's mobilenet_v3_small of width 0.1 and two classes in half precision, under "model."

Written with Python 3.11, torch 2.15.0, torchvision 0.29.2, pytorch-lightning 2.6.6, numpy 2.4.6, keras 3.15.1 (KERAS_BACKEND=torch).
Run from the repository's root: KERAS_BACKEND=torch python3 tests/parity/make_checkpoints.py
"""
import argparse
import os
import pickle
import warnings

import numpy
import torch
from torch import nn

warnings.filterwarnings("ignore")
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "checkpoints")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 2)
        self.bn = nn.BatchNorm2d(2)
        self.fc = nn.Linear(2, 3)
        with torch.no_grad():
            for tensor in list(self.parameters()) + [self.bn.running_mean, self.bn.running_var]:
                tensor.copy_(torch.arange(tensor.numel()).reshape(tensor.shape) / 8)

    def forward(self, x):
        return self.fc(torch.relu(self.bn(self.conv(x))).mean((2, 3)))


def path(name):
    return os.path.join(FOLDER, name)


def other():
    """A network of the same shapes and other numbers: what must not be taken."""
    net = Net()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(100)
    return net


def step(net):
    """The state of an optimizer that has gone one step of length 0."""
    adam = torch.optim.Adam(net.parameters(), 0.0)
    net.eval()(torch.ones(1, 1, 3, 3)).sum().backward()
    adam.step()
    return adam


def write_torch():
    net = Net()
    adam = step(net)
    averaged = torch.optim.swa_utils.AveragedModel(net)
    averaged.update_parameters(net)
    torch.save(averaged.state_dict(), path("swa.pth"))
    torch.save(torch.compile(nn.DataParallel(net)).state_dict(), path("compiled.pth"))
    torch.save({"student": nn.DataParallel(other()).state_dict(), "teacher": net.state_dict(), "optimizer": adam.state_dict(),
                "epoch": 3, "args": argparse.Namespace(lr=0.1, out="runs")}, path("pair.pth"))
    torch.save({"model": other().state_dict(), "model_ema": averaged.state_dict(), "optimizer": adam.state_dict(),
                "args": argparse.Namespace(device=torch.device("cpu"))}, path("ema.pth"))
    torch.save(net, path("whole.pth"))
    net.eval()
    torch.jit.script(net).save(path("script.pt"))
    torch.jit.trace(net, torch.ones(1, 1, 3, 3)).save(path("traced.pt"))
    torch.jit.freeze(torch.jit.script(net)).save(path("frozen.pt"))
    torch.export.save(torch.export.export(net, (torch.ones(1, 1, 3, 3),)), path("exported.pt2"))


def write_lightning():
    import pytorch_lightning as lightning

    class Module(lightning.LightningModule):
        def __init__(self, lr=0.0):
            super().__init__()
            self.save_hyperparameters()
            self.model = Net()

        def training_step(self, batch, index):
            loss = self.model.eval()(batch).sum()
            self.log("loss", loss)
            return loss

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)

    best = lightning.callbacks.ModelCheckpoint(dirpath=FOLDER, filename="lightning", monitor="loss")
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False,
                                callbacks=[best])
    trainer.fit(Module(), torch.utils.data.DataLoader(torch.ones(2, 1, 3, 3), batch_size=2))


def write_numpy():
    arrays = {name: tensor.numpy().copy() for name, tensor in Net().state_dict().items()}
    torch.save({"epoch": 3, "best": numpy.float64(0.5), "state_dict": arrays}, path("numpy.pth"))
    for protocol in (2, 4, 5):
        with open(path(f"numpy{protocol}.pkl"), "wb") as file:
            pickle.dump(arrays, file, protocol=protocol)
    numpy.savez(path("arrays.npz"), **arrays)
    numpy.savez_compressed(path("packed.npz"), **{name: numpy.asfortranarray(array) for name, array in arrays.items()})


def write_mobile():
    """In the form before zip, which is smaller."""
    from torchvision.models.mobilenetv3 import MobileNetV3, _mobilenet_v3_conf

    net = MobileNetV3(*_mobilenet_v3_conf("mobilenet_v3_small", width_mult=0.1), num_classes=2).half()
    state = {"model." + name: tensor for name, tensor in net.state_dict().items()}
    torch.save({"epoch": 3, "state_dict": state}, path("mobile.ckpt"), _use_new_zipfile_serialization=False)


def write_keras():
    import keras

    net = keras.Sequential([keras.Input((3, 3, 1)), keras.layers.Conv2D(2, 2, name="first"), keras.layers.GlobalAveragePooling2D(),
                            keras.layers.Dense(3, name="last")])
    net.save(path("model.keras"))
    net.save_weights(path("model.weights.h5"))


os.makedirs(FOLDER, exist_ok=True)
torch.manual_seed(1)
write_torch()
write_numpy()
write_lightning()
write_mobile()
write_keras()
for file in sorted(os.listdir(FOLDER)):
    print(file, os.path.getsize(path(file)))
