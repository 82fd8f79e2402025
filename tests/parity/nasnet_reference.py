"""NASNet-A mobile, 4 @ 1056, as keras.applications builds it (padding by correct_pad, pools over zeros where the stride is 2), written
from that architecture and figure 4 of the paper, apart from src/models/nasnet.c: a network of modules under Keras's layer names."""
import torch
import torch.nn.functional as F
from torch import nn


def pad_even(x, kernel):
    """correct_pad: an even side gets one zero less before than behind it."""
    half = kernel // 2
    top, left = half - (x.shape[2] + 1) % 2, half - (x.shape[3] + 1) % 2
    return F.pad(x, (left, half, top, half))


def smooth(x):
    """The mean of the 3 x 3 pixels around each, of those that exist."""
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


class Network(nn.Module):
    def __init__(self, classes, image=64):
        super().__init__()
        self.classes = classes
        with torch.no_grad():
            self.eval()(torch.zeros(1, 3, image, image))

    def layer(self, name, make):
        """The module of this name; made by the first pass, which sees all shapes."""
        if name not in self._modules:
            self.add_module(name, make().to(next(self.parameters(), torch.zeros(1)).dtype).train(self.training))
        return self._modules[name]

    def conv(self, name, x, filters, kernel=1, stride=1):
        return self.layer(name, lambda: nn.Conv2d(x.shape[1], filters, kernel, stride, bias=False))(x)

    def norm(self, name, x):
        return self.layer(name, lambda: nn.BatchNorm2d(x.shape[1], eps=1e-3, momentum=3e-4))(x)

    def separable(self, place, x, filters, kernel, stride=1):
        for i, step in ((1, stride), (2, 1)):
            x = torch.relu(x)
            x = pad_even(x, kernel) if step == 2 else F.pad(x, (kernel // 2,) * 4)

            def make():
                pair = nn.Module()
                pair.depthwise = nn.Conv2d(x.shape[1], x.shape[1], kernel, step, groups=x.shape[1], bias=False)
                pair.pointwise = nn.Conv2d(x.shape[1], filters, 1, bias=False)
                return pair
            pair = self.layer(f"separable_conv_{i}_{place}", make)
            x = self.norm(f"separable_conv_{i}_bn_{place}", pair.pointwise(pair.depthwise(x)))
        return x

    def adjust(self, p, x, filters, block):
        if p is None:
            return x
        if p.shape[3] != x.shape[3]:
            p = torch.relu(p)
            shifted = F.pad(p, (0, 1, 0, 1))[:, :, 1:, 1:]
            p = torch.cat([self.conv("adjust_conv_1_" + block, p[:, :, ::2, ::2], filters // 2),
                           self.conv("adjust_conv_2_" + block, shifted[:, :, ::2, ::2], filters // 2)], 1)
            return self.norm("adjust_bn_" + block, p)
        if p.shape[1] != filters:
            return self.norm("adjust_bn_" + block, self.conv("adjust_conv_projection_" + block, torch.relu(p), filters))
        return p

    def normal(self, x, p, filters, block):
        p = self.adjust(p, x, filters, block)
        h = self.norm("normal_bn_1_" + block, self.conv("normal_conv_1_" + block, torch.relu(x), filters))
        one = self.separable("normal_left1_" + block, h, filters, 5) + self.separable("normal_right1_" + block, p, filters, 3)
        two = self.separable("normal_left2_" + block, p, filters, 5) + self.separable("normal_right2_" + block, p, filters, 3)
        three = smooth(h) + p
        four = smooth(p) + smooth(p)
        five = self.separable("normal_left5_" + block, h, filters, 3) + h
        return torch.cat([p, one, two, three, four, five], 1), x

    def reduction(self, x, p, filters, block):
        p = self.adjust(p, x, filters, block)
        h = self.norm("reduction_bn_1_" + block, self.conv("reduction_conv_1_" + block, torch.relu(x), filters))
        padded = pad_even(h, 3)
        one = (self.separable("reduction_left1_" + block, h, filters, 5, 2)
               + self.separable("reduction_right1_" + block, p, filters, 7, 2))
        two = F.max_pool2d(padded, 3, 2) + self.separable("reduction_right2_" + block, p, filters, 7, 2)
        three = F.avg_pool2d(padded, 3, 2) + self.separable("reduction_right3_" + block, p, filters, 5, 2)
        four = two + smooth(one)
        five = self.separable("reduction_left4_" + block, one, filters, 3) + F.max_pool2d(padded, 3, 2)
        return torch.cat([two, three, four, five], 1), x

    def forward(self, x):
        x = self.norm("stem_bn1", self.conv("stem_conv1", x, 32, 3, 2))
        x, p = self.reduction(x, None, 11, "stem_1")
        x, p = self.reduction(x, p, 22, "stem_2")
        for i in range(4):
            x, p = self.normal(x, p, 44, str(i))
        x, p = self.reduction(x, p, 88, "reduce_4")
        for i in range(5, 9):
            x, p = self.normal(x, p, 88, str(i))
        x, p = self.reduction(x, p, 176, "reduce_8")
        for i in range(9, 13):
            x, p = self.normal(x, p, 176, str(i))
        x = torch.relu(x).mean((2, 3))
        return self.layer("predictions", lambda: nn.Linear(x.shape[1], self.classes))(x)
